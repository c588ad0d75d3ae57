public import TraceModel

/// What `macvtrace doctor` prints.
public enum DoctorText {
  /// Renders the checks, the hooks that would be used, and what was left behind by a killed predecessor.
  public static func render(_ report: DoctorReport, style: TextStyle) -> String {
    let machine = "macvtrace \(report.tool.version) · \(report.host.name) · Linux \(report.host.kernel)"
    let hooks = report.hooks.map { ($0.hook, "\($0.mechanism): \($0.why)") }
    let sections = [
      verdict(report.status, style) + [TextLine(machine, .dim).clipped(to: style.width)],
      section("Checks", report.checks.flatMap { check($0, style) }, width: style.measure),
      section("Hooks", list(hooks, width: style.measure - 2), width: style.measure),
      section(
        "Order of programs", OtherProgramText.order(of: report, width: style.measure - 2),
        width: style.measure),
      section("Left behind by a killed macvtrace", leftovers(of: report, style), width: style.measure),
    ]
    return sections.filter { !$0.isEmpty }.joined(separator: [TextLine()]).map(\.self).text(style)
  }

  private static func leftovers(of report: DoctorReport, _ style: TextStyle) -> [TextLine] {
    let rows = report.leftovers.map { ($0.interface, $0.what + ($0.swept ? ", removed" : ", still there")) }
    var lines = list(rows, width: style.measure - 2)
    if report.leftovers.contains(where: { !$0.swept }) {
      lines += wrap("macvtrace doctor --sweep removes what is still there", width: style.measure - 2)
    }
    return lines
  }

  private static func verdict(_ status: CheckStatus, _ style: TextStyle) -> [TextLine] {
    let (mark, text) =
      switch status {
      case .ok: ("✓", "this machine can run macvtrace, with everything that it offers")
      case .degraded: ("✓", "this machine can run macvtrace; what it lacks is named below")
      case .missing: ("✗", "this machine cannot run macvtrace as it is")
      }
    return wrap(TextLine(mark + " ", ink(status)), text, width: style.measure, ink: .strong)
  }

  private static func check(_ check: DoctorCheck, _ style: TextStyle) -> [TextLine] {
    let width = style.measure - 2
    var label = TextLine(
      check.status == .missing ? "✗ " : check.status == .ok ? "✓ " : "! ", ink(check.status))
    label.append(check.name)
    label.append("  ")
    let head = wrap(label, check.detail, width: width, ink: .dim)
    return (head.isEmpty ? [label.clipped(to: width)] : head)
      + wrap(check.consequence, width: width - 4).indented(by: 4)
  }

  private static func list(_ rows: [(String, String)], width: Int) -> [TextLine] {
    let longest = rows.map { Printable.width(Printable.escape($0.0)) }.max() ?? 0
    let column = min(longest, width / 2)
    return rows.flatMap { name, text in
      var label = TextLine(name).clipped(to: column)
      label.pad(to: column + 2)
      return wrap(label, text, width: width)
    }
  }

  private static func ink(_ status: CheckStatus) -> Ink {
    switch status {
    case .ok: .good
    case .degraded: .notice
    case .missing: .bad
    }
  }
}
