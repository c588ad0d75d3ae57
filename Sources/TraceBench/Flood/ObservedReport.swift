/// What the bench reads of a `macvtrace.report/1`.
struct ObservedReport: Decodable {
  struct Interface: Decodable {
    let id: String
    let kind: String
  }

  struct Counter: Decodable {
    let interface: String
    let direction: String
    let source: String
    let frames: UInt64
  }

  struct Loss: Codable {
    let sightingsDropped: UInt64
    let sampledOut: UInt64
    let ringFull: UInt64
    let overBudget: [String: UInt64]
    let counterKeysOverflowed: UInt64

    enum CodingKeys: String, CodingKey {
      case sightingsDropped = "sightings_dropped"
      case sampledOut = "sampled_out"
      case ringFull = "ring_full"
      case overBudget = "over_budget"
      case counterKeysOverflowed = "counter_keys_overflowed"
    }
  }

  let interfaces: [Interface]
  let counters: [Counter]
  let loss: Loss

  /// Frames of the flood that came in at the interfaces of a kind.
  func frames(in kind: String) -> UInt64 {
    let ids = Set(interfaces.filter { $0.kind == kind }.map(\.id))
    return counters.reduce(0) { sum, counter in
      ids.contains(counter.interface) && counter.direction == "ingress"
        && counter.source.hasPrefix(Flood.sourcePrefix) ? sum + counter.frames : sum
    }
  }
}
