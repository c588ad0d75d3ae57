import NetworkAddresses
import TraceModel

/// What happened between the VLANs: a row for each ordered pair that was seen.
enum VLANPathTable {
  static func lines(of report: Report, width: Int) -> [TextLine] {
    let seen = report.vlanPaths.filter { $0.verdict != .unobserved }
    guard !seen.isEmpty else { return [] }
    var lines = seen.flatMap { self.lines(of: $0, isWhole: false, width: width) }
    let unseen = report.vlanPaths.count - seen.count
    if unseen > 0 {
      lines += wrap("\(unseen) other ordered pairs: no packet was seen", width: width, ink: .dim)
    }
    return lines
  }

  /// What a verdict means, from which its color follows.
  static func ink(_ path: VLANPath) -> Ink {
    if let agrees = path.agreesWithPolicy { return agrees ? .good : .bad }
    switch path.verdict {
    case .routed: return .good
    case .unobserved: return .dim
    case .blocked, .leaked, .asymmetric: return .bad
    }
  }

  /// One pair: a line, its evidence, and its claims.
  static func lines(of path: VLANPath, isWhole: Bool, width: Int) -> [TextLine] {
    var text = "\(path.from) to \(path.to): \(path.verdict.rawValue)"
    if let mac = path.routerMAC { text += " by \(mac)" }
    if let step = path.ttlDecrement { text += " · TTL −\(step)" }
    if let latency = path.hopLatency {
      text += " · in the router p50 \(Quantity.decimal(latency.p50)) µs"
      text += latency.p95.map { ", p95 \(Quantity.decimal($0))" } ?? ""
      text += ", p99 \(Quantity.decimal(latency.p99))"
    }
    if path.agreesWithPolicy == false { text += " · not as the policy wants" }
    let tally = [VLANClaim.Outcome.pass, .fail, .unproven].map { outcome in
      "\(path.claims.count { $0.outcome == outcome }) \(outcome.rawValue)"
    }
    if !path.claims.isEmpty { text += " · claims: \(tally.joined(separator: ", "))" }
    var lines = wrap(text, width: width, ink: ink(path))
    for sentence in path.evidence { lines += wrap(TextLine("  "), sentence, width: width, ink: .dim) }
    for claim in path.claims where isWhole || claim.outcome == .fail {
      lines += Self.lines(of: claim, isWhole: isWhole, width: width)
    }
    return lines
  }

  private static func lines(of claim: VLANClaim, isWhole: Bool, width: Int) -> [TextLine] {
    let mark: (String, Ink) =
      switch claim.outcome {
      case .pass: ("✓", .good)
      case .fail: ("✗", .bad)
      case .unproven: ("?", .dim)
      }
    var head = TextLine("  ")
    head.append(mark.0, mark.1)
    head.append(claim.number < 10 ? "  \(claim.number)  " : " \(claim.number)  ", .dim)
    let cause = claim.cause.map { " (\($0))" } ?? ""
    let said = claim.text + cause
    return wrap(head, isWhole ? "\(claim.statement): \(said)" : said, width: width)
  }
}
