import NetworkAddresses
import Testing
import TraceModel
import TraceReport

@Suite("The live table") struct LiveViewTests {
  static func snapshot(
    _ elapsed: Double, children: Int = 2, findings: [Finding] = [], counters: (Int) -> [Counter] = { _ in [] }
  ) -> LiveSnapshot {
    let ids = (0..<children).map { InterfaceID(namespace: 100 + UInt64($0), ifindex: 2) }
    let interfaces = ids.enumerated().map { index, id in
      Sample.child(
        id, MACAddress(rawValue: 0x0242_0000_0000 + UInt64(index)), container: "c\(index)",
        address: "10.0.0.9/8")
    }
    let topology = Topology(
      parent: Sample.parentID, interfaces: [Sample.parent()] + interfaces, namespaces: [])
    return LiveSnapshot(
      elapsed: elapsed, topology: topology, counters: (0..<children).flatMap(counters), findings: findings)
  }

  static func received(_ child: Int, frames: UInt64, bytes: UInt64) -> Counter {
    Sample.counter(
      InterfaceID(namespace: 100 + UInt64(child), ifindex: 2), .ingress, Sample.outsideMAC,
      MACAddress(rawValue: 0x0242_0000_0000 + UInt64(child)), frames: frames, bytes: bytes)
  }

  static func shown(
    _ now: LiveSnapshot, since before: LiveSnapshot? = nil, width: Int = 120, height: Int = .max
  ) -> [String] {
    LiveView(now, since: before).lines(style: TextStyle(colors: false, width: width), height: height)
  }

  @Test(
    "rates are differences over the interval, in units for people",
    arguments: [
      // 2 seconds: frames, bytes, frames/s, bit/s
      (1_000, 250_000, "500 frames/s", "1.0 Mbit/s"), (3, 180, "1.5 frames/s", "720 bit/s"),
      (3_000_000, 2_500_000_000, "1.5 Mframes/s", "10.0 Gbit/s"),
      (2_468, 148_080, "1.2 kframes/s", "592.3 kbit/s"),
      (1_999_900, 100, "1.0 Mframes/s", "400 bit/s"),
    ])
  func rates(frames: Int, bytes: Int, frameRate: String, bitRate: String) throws {
    let before = Self.snapshot(10) { [Self.received($0, frames: 100, bytes: 1000)] }
    let now = Self.snapshot(12) {
      [Self.received($0, frames: 100 + UInt64(frames), bytes: 1000 + UInt64(bytes))]
    }
    let row = try #require(Self.shown(now, since: before).first { $0.contains("c0 (eth0)") })
    #expect(row.contains("  \(frameRate)  "))
    #expect(row.hasSuffix("  \(bitRate)"))
  }

  @Test("without an earlier snapshot, or with counters that went back, there are no rates")
  func noRates() {
    let now = Self.snapshot(12) { [Self.received($0, frames: 100, bytes: 1000)] }
    let higher = Self.snapshot(11) { [Self.received($0, frames: 101, bytes: 1001)] }
    for lines in [Self.shown(now), Self.shown(now, since: higher), Self.shown(now, since: now)] {
      #expect(!lines.contains { $0.contains("/s") })
      #expect(lines.contains { $0.contains("c0 (eth0)") && $0.contains(" 100 ") })
    }
  }

  @Test("a child's second line says where its frames came from")
  func origins() {
    let now = LiveSnapshot(elapsed: 1, topology: Sample.topology(), counters: Sample.counters())
    #expect(Self.shown(now).contains { $0.contains("wire 1,234,567, siblings 40") })
  }

  @Test("a down child says so, and a child without frames does too")
  func quiet() throws {
    var now = Self.snapshot(1)
    now.topology.interfaces[1].up = false
    let lines = Self.shown(now)
    #expect(try #require(lines.first { $0.contains("c0") }).hasSuffix("down"))
    #expect(try #require(lines.first { $0.contains("c1") }).hasSuffix("nothing yet"))
  }

  @Test("findings and losses stand under the table as they appear")
  func notices() {
    let calm = Self.shown(Self.snapshot(1))
    #expect(calm.contains("no problem found so far"))
    var now = Self.snapshot(2, findings: [Sample.finding()])
    now.loss.sightingsDropped = 1234
    let lines = Self.shown(now)
    #expect(
      lines.contains { $0.contains(Sample.finding().title) && $0.contains("proven · host-to-child-bridge") })
    #expect(lines.contains { $0.contains("1,234 records missing") })
    #expect(!lines.contains("no problem found so far"))
  }

  @Test("the picture fits any terminal", arguments: [1, 2, 3, 5, 8, 24, 50], [20, 40, 66, 80, 100, 200])
  func fits(height: Int, width: Int) {
    let counters = { (child: Int) in [Self.received(child, frames: 1_000_000_000, bytes: .max / 2)] }
    let before = Self.snapshot(10, children: 30)
    let now = Self.snapshot(
      11, children: 30, findings: Array(repeating: Sample.finding(), count: 9), counters: counters)
    let lines = Self.shown(now, since: before, width: width, height: height)
    #expect(lines.count <= height)
    #expect(!lines.isEmpty)
    for line in lines { #expect(line.unicodeScalars.count <= width, "\(line)") }
  }

  @Test("where not all fit, the parent and the busiest are shown, in their order, and the rest is counted")
  func busiest() throws {
    // c7 moves now; c3 has moved long ago; the others never did.
    let before = Self.snapshot(10, children: 20) { $0 == 3 ? [Self.received(3, frames: 500, bytes: 1)] : [] }
    let now = Self.snapshot(11, children: 20) {
      $0 == 3
        ? [Self.received(3, frames: 500, bytes: 1)] : $0 == 7 ? [Self.received(7, frames: 5, bytes: 1)] : []
    }
    let lines = Self.shown(now, since: before, height: 14)
    let first = try #require(lines.firstIndex { $0.contains("c3 ") })
    let second = try #require(lines.firstIndex { $0.contains("c7 ") })
    #expect(lines.contains { $0.hasPrefix("ens33  ") && $0.contains("02:00:00:00:00:02") })
    #expect(first < second)
    let rows = lines.count { line in (0..<20).contains { line.contains("c\($0) (eth0)") } }
    #expect(lines.contains("… \(20 - rows) more interfaces"))
    #expect(rows >= 3)
  }

  @Test(
    "the clock runs on past an hour",
    arguments: [(0.4, "00:00"), (75, "01:15"), (3723, "1:02:03"), (-1, "00:00")])
  func clock(elapsed: Double, text: String) {
    #expect(Self.shown(Self.snapshot(elapsed))[0].contains("  \(text)  "))
    #expect(Self.shown(Self.snapshot(.nan))[0].contains("  00:00  "))
  }
}
