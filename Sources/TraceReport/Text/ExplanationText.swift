public import TraceModel

extension TextReport {
  /// Renders what became of a probe: whether it works, its way, the cause with its proof and fixes, and what it is not.
  public static func renderExplanation(_ report: Report, style: TextStyle) -> String {
    guard let explanation = report.explanation else { return render(report, style: style) }
    var undrawn = report
    // The way is drawn once, as it was seen.
    if !explanation.path.isEmpty {
      for index in undrawn.findings.indices { undrawn.findings[index].path = [] }
    }
    let findings = report.findings.isEmpty ? [] : FindingText.lines(of: undrawn, style)
    let sections = [
      ExplanationText.verdict(of: explanation, report, style),
      explanation.path.isEmpty
        ? [] : PathDrawing.lines(of: explanation.path, width: style.measure - 2).indented(by: 2),
      findings,
      section(
        "Not the cause", ExplanationText.runnersUp(of: explanation, width: style.measure - 2),
        width: style.width),
      section(
        "What this report rests on", CoverageText.lines(of: report, width: style.measure - 2),
        width: style.width),
    ]
    return sections.filter { !$0.isEmpty }.joined(separator: [TextLine()]).map(\.self).text(style)
  }
}

/// A probe's outcome in words.
enum ExplanationText {
  /// The answer in one sentence.
  static func verdict(of explanation: Explanation, _ report: Report, _ style: TextStyle) -> [TextLine] {
    let run = explanation.run
    let address = run.to.address.map { "\($0)" } ?? "?"
    let target = run.to.label == address ? address : "\(run.to.label) (\(address))"
    let count = "\(run.answered) of \(run.smallProbes.count) \(noun(run)) answered"
    let verb =
      explanation.works
      ? "reaches" : run.vanishingSize != nil ? "reaches with small packets alone" : "does not reach"
    var text = "\(run.from.label) \(verb) \(target): \(count)"
    if explanation.works, let time = roundTrip(run) { text += ", \(time)" }
    if let size = run.vanishingSize {
      text += "; those of \(size) octets vanish"
    } else if !explanation.works, let why = failure(run, report.findings) {
      text += "; \(why)"
    }
    if !explanation.works, report.findings.isEmpty { text += ". No known cause fits what was seen" }
    return wrap(
      TextLine((explanation.works ? "✓" : "✗") + " ", explanation.works ? .good : .bad), text,
      width: style.measure, ink: explanation.works ? .good : .strong)
  }

  /// What rules the runner-up causes out.
  static func runnersUp(of explanation: Explanation, width: Int) -> [TextLine] {
    explanation.ruledOut.flatMap { one in
      wrap(TextLine("\(one.id): ", .dim), one.because, width: width)
    }
  }

  private static func noun(_ run: ProbeRun) -> String {
    switch run.protocol {
    case .icmp: "echo requests"
    case .tcp: "connections to port \(run.port ?? 0)"
    case .udp: "datagrams to port \(run.port ?? 0)"
    }
  }

  private static func roundTrip(_ run: ProbeRun) -> String? {
    let times = run.smallProbes.compactMap { probe in
      probe.outcome == .answered ? probe.ended.map { Double($0 - min(probe.sent, $0)) / 1e6 } : nil
    }.sorted()
    return times.isEmpty ? nil : "in \(Quantity.decimal(times[times.count / 2])) ms"
  }

  private static func failure(_ run: ProbeRun, _ findings: [Finding]) -> String? {
    switch run.smallProbes.last(where: { $0.outcome != .answered })?.outcome {
    case .refused:
      run.hasNoListener(in: findings) ? "refused: it is reached, and nobody listens there" : "refused"
    case .undeliverable(let type, let code): "told to be undeliverable (ICMP type \(type), code \(code))"
    case .failed(let error): "the sender's own kernel gave up (\(error))"
    case .tooBig(let mtu): "too big for the way\(mtu > 0 ? ", which takes \(mtu) octets" : "")"
    case .silence: "silence"
    case .answered, nil: nil
    }
  }
}
