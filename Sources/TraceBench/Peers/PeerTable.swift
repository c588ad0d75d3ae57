/// macvtrace beside its peers, as text.
struct PeerTable {
  private let results: [PeerResult]
  private let times: [FirstFrameResult]
  private let missing: [Peer]

  init(_ results: [PeerResult], _ times: [FirstFrameResult], missing: [Peer]) {
    self.results = results
    self.times = times
    self.missing = missing
  }

  var text: String {
    var table = TextColumns([
      "", "ns added", "x everything", "its CPU, %", "MiB", "counted, %", "ms to first frame",
    ])
    let everything = results.first { $0.name.hasSuffix("everything") }
    for result in results {
      let time = times.first { $0.name == result.name }
      table.append([
        result.name, Spread(result.added).text(0), everything.map { result.ratio(to: $0).text(2) } ?? "-",
        Spread(result.processorShare.map { $0 * 100 }).text(1), Self.text(result.resident, 1),
        Self.text(result.counted.map { $0 * 100 }, 1), Self.text(time?.milliseconds ?? [], 0),
      ])
    }
    let rates = results.flatMap(\.rate).map { $0 / 1e6 }
    let absent = missing.map { "\($0.name): not installed (package \($0.package ?? "macvtrace"))\n" }
    return """
      The same flood to a macvlan child, \(Spread(rates).text(2)) million frames/s, 1024 MACs, while one after the other
      observes its parent: nanoseconds that it adds to a frame's way, as a multiple of macvtrace with everything in the same
      round, what its own processes take, what it counted, and from exec to the first frame; median (minimum-maximum)
      \(table.text)\(absent.joined())
      """
  }

  private static func text(_ values: [Double], _ digits: Int) -> String {
    values.isEmpty ? "-" : Spread(values).text(digits)
  }
}
