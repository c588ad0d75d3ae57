public import TraceModel

/// The diagnostic report for a person.
public enum TextReport {
  /// Renders the report: the verdict, each finding with its proof and its fixes, then what was seen.
  ///
  /// No line is wider than the style says but for commands, which stay whole so that they can be copied.
  public static func render(_ report: Report, style: TextStyle) -> String {
    let parts =
      [heading(of: report, style), FindingText.lines(of: report, style)] + sections(of: report, style)
    return join(parts).text(style)
  }

  /// Renders the joined report on several machines: the verdict and all findings first, then what was seen on each.
  public static func render(_ joined: JoinedReport, style: TextStyle) -> String {
    let labels = (joined.whole.hosts ?? []).map(\.label)
    let comparison = section(
      "What the comparison rests on", CoverageText.lines(of: joined, width: style.measure - 2),
      width: style.width)
    let hosts = zip(labels, joined.parts).flatMap { label, report in
      [wrap("On \(label)", width: style.measure, ink: .strong) + heading(of: report, style)]
        + sections(of: report, style)
    }
    return join(
      [heading(of: joined, labels, style), FindingText.lines(of: joined.whole, style), comparison] + hosts
    ).text(style)
  }

  private static func join(_ parts: [[TextLine]]) -> [TextLine] {
    parts.filter { !$0.isEmpty }.joined(separator: [TextLine()]).map(\.self)
  }

  /// What was seen, without the findings.
  private static func sections(of report: Report, _ style: TextStyle) -> [[TextLine]] {
    [
      section(
        "Interfaces", InterfaceTable.lines(of: report.interfaces, width: style.width - 2), width: style.width),
      section("Traffic", TrafficTable.lines(of: report, width: style.width - 2), width: style.width),
      section("VLANs", VLANTable.lines(of: report, width: style.width - 2), width: style.width),
      section(
        "Between VLANs", VLANPathTable.lines(of: report, width: style.measure - 2), width: style.width),
      section(
        "Most frames", CounterTable.lines(of: report, limit: 12, width: style.width - 2), width: style.width),
      section(
        "What came and went", ChangeText.lines(of: report, width: style.measure - 2), width: style.width),
      section(
        "Other programs on these interfaces",
        OtherProgramText.table(of: report, limit: 12, width: style.width - 2), width: style.width),
      section(
        "What this report rests on", CoverageText.lines(of: report, width: style.measure - 2),
        width: style.width),
    ]
  }

  /// One line that names the machines.
  private static func heading(of joined: JoinedReport, _ labels: [String], _ style: TextStyle) -> [TextLine] {
    let names = zip(labels, joined.parts).map { label, report in
      report.topology?.parentInterface.map { "\($0.name) on \(label)" } ?? label
    }
    let parts = [
      "macvtrace \(joined.whole.tool.version)", "\(names.count) hosts", names.joined(separator: ", "),
    ]
    return wrap(parts.joined(separator: " · "), width: style.measure, ink: .dim)
  }

  /// One line that says what was observed, where and for how long.
  private static func heading(of report: Report, _ style: TextStyle) -> [TextLine] {
    var parts = ["macvtrace \(report.tool.version)"]
    if let parent = report.topology?.parentInterface {
      parts.append("\(parent.name) on \(report.host.name)")
    } else {
      parts.append(report.host.name)
    }
    parts.append("\(Quantity.decimal(report.window.seconds)) s from \(seconds(report.window.start))")
    parts.append("Linux \(report.host.kernel)")
    return wrap(parts.joined(separator: " · "), width: style.measure, ink: .dim)
  }

  /// An RFC 3339 time without its fraction of a second.
  private static func seconds(_ time: String) -> String {
    guard let point = time.firstIndex(of: "."), time.hasSuffix("Z") else { return time }
    return time[..<point] + "Z"
  }
}
