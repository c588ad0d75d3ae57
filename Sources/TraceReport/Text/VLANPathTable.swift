import NetworkAddresses
import TraceModel

/// What happened between the VLANs: a row for each ordered pair that was seen.
enum VLANPathTable {
  static func lines(of report: Report, width: Int) -> [TextLine] {
    let seen = report.vlanPaths.filter { $0.verdict != .unobserved }
    guard !seen.isEmpty else { return [] }
    var lines: [TextLine] = []
    for path in seen {
      let ink: Ink = path.verdict == .routed ? .plain : .notice
      let router = path.routerMAC.map { " by \($0)" } ?? ""
      let latency =
        path.hopLatency.map { " · \(Quantity.decimal($0.p50)) µs (p99 \(Quantity.decimal($0.p99)))" } ?? ""
      let text = "\(path.from) to \(path.to): \(path.verdict.rawValue)\(router)\(latency)"
      lines += wrap(text, width: width, ink: ink)
      for sentence in path.evidence { lines += wrap(TextLine("  "), sentence, width: width, ink: .dim) }
    }
    let unseen = report.vlanPaths.count - seen.count
    if unseen > 0 {
      lines += wrap("\(unseen) other ordered pairs: no packet was seen", width: width, ink: .dim)
    }
    return lines
  }
}
