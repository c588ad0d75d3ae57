import NetworkAddresses
public import TraceModel

extension TextReport {
  /// Renders how the ways between VLANs were verified: the verdict, the matrix, each pair with what fails, the causes.
  ///
  /// - Parameter pair: whose claims are all told; `nil`: those that fail alone.
  public static func renderVerification(_ report: Report, explaining pair: VLANPair?, style: TextStyle)
    -> String
  {
    guard let verification = report.verification else { return render(report, style: style) }
    let text = VerificationText(report, verification)
    let width = style.measure - 2
    let pairs = report.vlanPaths.flatMap { path in
      VLANPathTable.lines(of: path, isWhole: pair == VLANPair(path.from, path.to), width: width)
    }
    let parts = [
      text.verdict(width: style.measure),
      section("Verdicts", text.matrix(width: width), width: style.width),
      section("Pairs", pairs, width: style.width),
      report.findings.isEmpty ? [] : FindingText.lines(of: report, style),
      section(
        "What this report rests on",
        text.stations(width: width) + CoverageText.lines(of: report, width: width), width: style.width),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: [TextLine()]).map(\.self).text(style)
  }
}

/// The ways between VLANs in words.
struct VerificationText {
  private let report: Report
  private let summary: VerificationSummary

  init(_ report: Report, _ summary: VerificationSummary) {
    self.report = report
    self.summary = summary
  }

  /// The answer in one sentence.
  func verdict(width: Int) -> [TextLine] {
    let count = { (verdict: VLANVerdict) in report.vlanPaths.count { $0.verdict == verdict } }
    let all: [VLANVerdict] = [.routed, .asymmetric, .blocked, .leaked, .unobserved]
    let parts = all.filter { count($0) > 0 }.map { "\(count($0)) \($0.rawValue)" }
    let wrong = report.vlanPaths.count { $0.agreesWithPolicy == false }
    let fails = report.vlanPaths.reduce(0) { $0 + $1.claims.count { $0.outcome == .fail } }
    let parent = report.topology?.parentInterface?.name ?? "the parent"
    var text =
      "\(parent): of \(report.vlanPaths.count) ordered pairs of VLANs \(parts.joined(separator: ", "))"
    if wrong > 0 { text += "; \(wrong) not as the policy wants" }
    if report.vlanPaths.contains(where: { $0.agreesWithPolicy == true }), wrong == 0 {
      text += ", as the policy wants"
    }
    let isGood = wrong == 0 && (fails == 0 || report.vlanPaths.contains { $0.agreesWithPolicy != nil })
    return wrap(
      TextLine((isGood ? "✓" : "✗") + " ", isGood ? .good : .bad), text, width: width,
      ink: isGood ? .good : .strong)
  }

  /// Who is sent to in the columns, who sends in the rows.
  func matrix(width: Int) -> [TextLine] {
    var table = TextTable(columns: [.text("from")] + summary.vlans.map { .text("to \($0)", minimum: 5) })
    for from in summary.vlans {
      let cells = summary.vlans.map { to -> TextLine in
        guard let path = report.vlanPaths.first(where: { $0.from == from && $0.to == to }) else {
          return TextLine("·", .dim)
        }
        return TextLine(path.verdict.rawValue, VLANPathTable.ink(path))
      }
      table.append([TextLine("\(from)")] + cells)
    }
    return table.lines(width: width)
  }

  /// Who sent and heard, and what.
  func stations(width: Int) -> [TextLine] {
    var lines: [TextLine] = []
    for station in summary.stations {
      let addresses = station.addresses.map { "\($0)" }.joined(separator: ", ")
      let place = station.interface == nil ? ", not on this parent" : ""
      lines += wrap("VLAN \(station.vlan): \(station.label), \(addresses)\(place)", width: width, ink: .dim)
    }
    lines += wrap(
      summary.isPassive
        ? "nothing was sent: live traffic alone was judged"
        : "\(summary.probes) packets and \(summary.strays) stray frames were sent", width: width, ink: .dim)
    return lines
  }
}
