import TraceModel

/// Why exchanges fail: each is judged as a probe of its own, once.
final class CauseFinder {
  /// So that a trunk of which nothing works does not delay the report.
  private static let limit = 96

  private let observation: Observation
  private var known: [VLANExchange: [Finding]] = [:]

  /// - Parameter observation: without what was sent on purpose to fail.
  init(_ observation: Observation) {
    var observation = observation
    observation.verification = nil
    self.observation = observation
  }

  /// What is wrong with an exchange, the root cause first; empty where nothing is known.
  func findings(_ exchange: VLANExchange) -> [Finding] {
    if let found = known[exchange] { return found }
    guard known.count < Self.limit else { return [] }
    var asked = observation
    asked.probeRun = exchange.run
    // What the receiver sends while nothing comes to it belongs to another exchange.
    if let receiver = exchange.run.to.interface, let address = exchange.run.to.address,
      observation.after.interface(receiver) != nil,
      !observation.sightings.contains(where: {
        $0.hook == Hook(receiver, .ingress) && $0.frame.ip?.destination == address
      })
    {
      asked.sightings.removeAll { $0.frame.sourceAddress == address }
      asked.drops.removeAll { $0.frame?.sourceAddress == address }
    }
    let found = Diagnosis.evaluate(asked).findings
    known[exchange] = found
    return found
  }

  /// The id of the root cause, one that is proven before one that is likely; `nil` where none is known.
  func cause(_ exchange: VLANExchange?) -> String? {
    guard let found = exchange.map(findings) else { return nil }
    return (found.first { $0.severity == .error && $0.confidence == .proven } ?? found.first)?.id
  }
}
