import TraceModel

/// Findings in words.
enum FindingText {
  /// The answer in one sentence.
  static func verdict(of report: Report, _ style: TextStyle) -> [TextLine] {
    let problems = report.findings.filter { $0.severity > .info }
    guard let first = problems.first else {
      return [goodVerdict(of: report)].flatMap { wrapped($0, .good, style) }
    }
    let cause = "\(first.title) (\(first.confidence.rawValue))"
    let text =
      problems.count == 1
      ? "1 problem found: \(cause)" : "\(problems.count) problems found; the first: \(cause)"
    return wrapped(text, problems.contains { $0.severity == .error } ? .bad : .notice, style)
  }

  /// A title in the form that the live view and the plain lines use: severity, title, confidence, id.
  static func line(_ finding: Finding) -> TextLine {
    var line = TextLine(mark(finding.severity) + " ", ink(finding.severity))
    line.append(finding.title)
    line.append("  \(finding.confidence.rawValue) · \(finding.id)", .dim)
    return line
  }

  /// The verdict, then every finding in full, the root cause first.
  static func lines(of report: Report, _ style: TextStyle) -> [TextLine] {
    let sections = report.findings.map { finding in
      let details = [finding.severity.rawValue, finding.confidence.rawValue, finding.id]
      return wrap(details.joined(separator: " · "), width: style.measure - 2, ink: .dim).indented(by: 2)
        + body(of: finding, style)
    }
    let verdict = verdict(of: report, style)
    // The verdict on a single problem has said its title already.
    if report.findings.count == 1, report.findings[0].severity > .info { return verdict + sections[0] }
    return zip(report.findings, sections).reduce(into: verdict) { lines, next in
      let mark = TextLine(mark(next.0.severity) + " ", ink(next.0.severity))
      lines.append(TextLine())
      lines += wrap(mark, next.0.title, width: style.measure, ink: .strong)
      lines += next.1
    }
  }

  private static func goodVerdict(of report: Report) -> String {
    if report.counters.allSatisfy({ $0.frames == 0 }) {
      return "no problem found, but not one frame was seen either: there was nothing to judge"
    }
    if !report.blindHooks.isEmpty {
      let hooks = Quantity.count(UInt64(report.blindHooks.count), "hook")
      return "no problem found in what was seen; at \(hooks) not every frame was seen"
    }
    return report.findings.isEmpty
      ? "no problem found" : "no problem found; what is worth knowing stands below"
  }

  private static func wrapped(_ text: String, _ ink: Ink, _ style: TextStyle) -> [TextLine] {
    wrap(
      TextLine((ink == .good ? "✓" : "✗") + " ", ink), text, width: style.measure,
      ink: ink == .good ? .good : .strong)
  }

  private static func body(of finding: Finding, _ style: TextStyle) -> [TextLine] {
    let width = style.measure - 2
    var parts: [[TextLine]] = [wrap(finding.explanation, width: width)]
    if !finding.path.isEmpty { parts.append(PathDrawing.lines(of: finding.path, width: width)) }
    if !finding.evidence.isEmpty { parts.append(evidence(finding.evidence, width: width)) }
    for (index, fix) in finding.fixes.enumerated() {
      parts.append(self.fix(fix, isFirst: index == 0, width: width))
    }
    return parts.filter { !$0.isEmpty }.flatMap { [TextLine()] + $0.indented(by: 2) }
  }

  private static func evidence(_ evidence: [Evidence], width: Int) -> [TextLine] {
    let column = evidence.map { $0.kind.rawValue.count }.max() ?? 0
    return [TextLine("Evidence", .strong)]
      + evidence.flatMap { piece in
        var label = TextLine("  " + piece.kind.rawValue, .dim)
        label.pad(to: 2 + column + 2)
        return wrap(label, piece.text, width: width)
      }
  }

  private static func fix(_ fix: Fix, isFirst: Bool, width: Int) -> [TextLine] {
    wrap(TextLine(isFirst ? "Fix: " : "Or: ", .strong), fix.text, width: width)
      + fix.commands.map { TextLine($0).indented(by: 4) }
  }

  private static func mark(_ severity: Severity) -> String { severity == .info ? "·" : "✗" }

  private static func ink(_ severity: Severity) -> Ink {
    switch severity {
    case .error: .bad
    case .warning: .notice
    case .info: .dim
    }
  }
}
