public import TraceModel

/// What `macvtrace causes` prints.
public enum CauseText {
  /// Every cause in one line: its id, how bad it is, its title.
  public static func list(_ causes: [RuleCard], style: TextStyle) -> String {
    let columns = [
      causes.map(\.id.count).max() ?? 0, causes.map(\.severity.rawValue.count).max() ?? 0,
    ]
    return causes.flatMap { cause in
      var label = TextLine(cause.id)
      label.pad(to: columns[0] + 2)
      label.append(cause.severity.rawValue, .dim)
      label.pad(to: columns[0] + columns[1] + 4)
      return wrap(label, cause.title, width: style.width)
    }.text(style)
  }

  /// One cause: what it means, how it is proven, how it is fixed.
  public static func render(_ cause: RuleCard, style: TextStyle) -> String {
    let parts = [
      wrap(cause.title, width: style.measure, ink: .strong)
        + wrap("\(cause.severity.rawValue) · \(cause.id)", width: style.measure, ink: .dim),
      part("What it means", cause.explanation, style), part("How it is proven", cause.proof, style),
      part("How to fix it", cause.fix, style),
    ]
    return parts.joined(separator: [TextLine()]).map(\.self).text(style)
  }

  private static func part(_ title: String, _ text: String, _ style: TextStyle) -> [TextLine] {
    section(title, wrap(text, width: style.measure - 2), width: style.width)
  }
}
