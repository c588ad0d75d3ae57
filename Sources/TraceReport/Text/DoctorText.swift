public import TraceModel

/// What `macvtrace doctor` prints.
public enum DoctorText {
  /// Renders the checks, the hooks that would be used, and what was left behind by a killed predecessor.
  public static func render(_ report: DoctorReport, style: TextStyle) -> String {
    var lines = verdict(report.status, style)
    lines.append(
      TextLine("macvtrace \(report.tool.version) · \(report.host.name) · Linux \(report.host.kernel)", .dim)
        .clipped(to: style.width))
    lines += section("Checks", report.checks.flatMap { check($0, style) })
    let planned = report.hooks.map { hook in (hook.hook, "\(hook.mechanism): \(hook.why)") }
    lines += section("Hooks", list(planned, width: style.measure - 2))
    let leftovers = report.leftovers.map {
      ($0.interface, $0.what + ($0.swept ? ", removed" : ", still there"))
    }
    var found = list(leftovers, width: style.measure - 2)
    if report.leftovers.contains(where: { !$0.swept }) {
      found.append(TextLine("macvtrace doctor --sweep removes them").clipped(to: style.width - 2))
    }
    lines += section("Left behind by a macvtrace that was killed", found)
    return lines.text(style)
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

  private static func section(_ title: String, _ lines: [TextLine]) -> [TextLine] {
    lines.isEmpty ? [] : [TextLine(), TextLine(title, .strong)] + lines.indented(by: 2)
  }

  private static func ink(_ status: CheckStatus) -> Ink {
    switch status {
    case .ok: .good
    case .degraded: .notice
    case .missing: .bad
    }
  }
}
