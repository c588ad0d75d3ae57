import NetworkAddresses
import TraceModel

/// Two hosts that were observed, and what connects them: packets that were seen at both.
struct HostPair {
  let first: HostView
  let second: HostView
  /// How many packets were seen at both parents.
  let sharedPackets: Int
  /// The broadcast domains that reach both, as each parent sees them: a frame was seen at both under one source MAC
  /// address, which a router would have changed.
  let links: Set<Link>
  /// The second host's clock less the first's, in nanoseconds; `nil` where the packets do not tell.
  let clockDifference: Int64?

  /// How far apart two hosts can see one packet, and how exact the difference of their clocks is, in nanoseconds.
  static let tolerance: Int64 = 50_000_000

  /// One broadcast domain: one port of it can be tagged where the other is not.
  struct Link: Hashable {
    var first: Segment
    var second: Segment
  }

  init(_ first: HostView, _ second: HostView) {
    self.first = first
    self.second = second
    var links: Set<Link> = []
    var differences: [Int64] = []
    var shared = 0
    for (id, passages) in first.passages {
      guard let others = second.passages[id] else { continue }
      shared += 1
      let ways = Set(others.map(\.way))
      for way in Set(passages.map(\.way)) {
        links.formUnion(
          ways.filter { $0.source == way.source }.map { Link(first: way.segment, second: $0.segment) })
      }
      // A request that is repeated word for word has one id: any of its passages may belong to any other.
      guard passages.count * others.count <= 1024 else { continue }
      for passage in passages {
        differences += others.map { Int64(clamping: $0.time) - Int64(clamping: passage.time) }
      }
    }
    sharedPackets = shared
    self.links = links
    clockDifference = Self.agreed(differences, expected: Self.wallClockDifference(first, second))
  }

  /// The difference that most pairs of passages agree on; among equals the one that the wall clocks are nearest to.
  private static func agreed(_ differences: [Int64], expected: Int64?) -> Int64? {
    let sorted = differences.sorted()
    var best: (count: Int, distance: Int64, value: Int64)?
    var isAmbiguous = false
    var end = 0
    for start in sorted.indices {
      end = max(end, start)
      while end < sorted.count, sorted[end] - sorted[start] <= tolerance { end += 1 }
      let value = sorted[start + (end - start) / 2]
      let distance =
        expected.map { Int64(clamping: $0.subtractingReportingOverflow(value).partialValue.magnitude) } ?? 0
      let candidate = (count: end - start, distance: distance, value: value)
      guard let current = best else {
        best = candidate
        continue
      }
      if candidate.count > current.count
        || (candidate.count == current.count && candidate.distance < current.distance)
      {
        best = candidate
        isAmbiguous = false
      } else if candidate.count == current.count, candidate.distance == current.distance,
        abs(candidate.value - current.value) > tolerance
      {
        isAmbiguous = true
      }
    }
    return isAmbiguous ? nil : best?.value
  }

  private static func wallClockDifference(_ first: HostView, _ second: HostView) -> Int64? {
    let (one, other) = (first.context.observation.window, second.context.observation.window)
    guard let start = Timestamp.nanoseconds(one.start), let otherStart = Timestamp.nanoseconds(other.start)
    else {
      return nil
    }
    // What each monotonic clock showed at the wall clock's zero.
    return (Int64(clamping: other.monotonicStart) - otherStart)
      - (Int64(clamping: one.monotonicStart) - start)
  }

  /// A time of one host's clock by the other's; `nil` where the clocks cannot be compared.
  func time(_ time: UInt64, of host: HostView) -> Int64? {
    clockDifference.map {
      host.number == first.number ? Int64(clamping: time) + $0 : Int64(clamping: time) - $0
    }
  }

  /// Both ways: who sends, and who should hear.
  var directions: [(from: HostView, to: HostView)] { [(first, second), (second, first)] }

  /// Whether two segments, as a host and the other one see them, are one broadcast domain.
  func isOne(_ segment: Segment, at host: HostView, _ other: Segment) -> Bool {
    links.contains(
      host.number == first.number ? Link(first: segment, second: other) : Link(first: other, second: segment))
  }

  /// Interfaces of the two on one broadcast domain, each of both up for as long as it was observed.
  var neighbors: [(Interface, Interface)] {
    let others = second.steady
    return first.steady.flatMap { one in
      others.filter { isOne(first.segment(of: one), at: first, second.segment(of: $0)) }.map { (one, $0) }
    }
  }

  /// MAC addresses that several machines may have at a time: those of virtual routers (RFC 9568, 7.3).
  static func isShared(_ mac: MACAddress) -> Bool {
    [0x0000_5e00_0100, 0x0000_5e00_0200].contains(mac.rawValue & ~0xff)
  }
}

extension HostPair {
  /// That the two share a broadcast domain.
  func segmentEvidence(_ segment: Segment) -> Evidence {
    Evidence(
      .trajectory,
      "\(first.parentName) and \(second.parentName) are on one segment\(segment.text): frames were seen at both unchanged "
        + "(\(sharedPackets) packets in all)")
  }
}
