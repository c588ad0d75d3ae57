import NetworkAddresses
import Testing
import TraceModel
import TraceReport

@Suite("The live view in a file") struct LivePlainTests {
  static let style = TextStyle(colors: false, width: 60)

  static func snapshot(_ elapsed: Double, frames: UInt64, findings: [Finding] = []) -> LiveSnapshot {
    LiveSnapshot(
      elapsed: elapsed, topology: Sample.topology(),
      counters: [
        Sample.counter(
          Sample.firstID, .ingress, Sample.outsideMAC, Sample.firstMAC, frames: frames, bytes: frames * 100),
        Sample.counter(Sample.secondID, .ingress, Sample.outsideMAC, Sample.secondMAC, frames: 7),
      ], findings: findings)
  }

  @Test("one line for each interface that carried frames since the last time, with what it carried then")
  func changes() {
    var view = LivePlain()
    #expect(view.lines(for: Self.snapshot(1, frames: 10), style: Self.style).count == 2)
    #expect(
      view.lines(for: Self.snapshot(2, frames: 1010), style: Self.style)
        == ["00:02  bbox1 (eth0)  in 1,000 frames (100,000 bytes), out 0 frames (0 bytes)"])
    #expect(view.lines(for: Self.snapshot(3, frames: 1010), style: Self.style).isEmpty)
  }

  @Test("a finding is told once, again when it gets surer, and when it is gone")
  func findings() {
    var view = LivePlain()
    _ = view.lines(for: Self.snapshot(1, frames: 1), style: Self.style)
    var finding = Sample.finding()
    finding.confidence = .likely
    let told = view.lines(for: Self.snapshot(2, frames: 1, findings: [finding]), style: Self.style)
    #expect(told.count == 1)
    #expect(told[0].hasPrefix("00:02  ") && told[0].contains(finding.title) && told[0].contains("likely"))
    finding.evidence.append(Evidence(.counter, "more of the same"))
    #expect(view.lines(for: Self.snapshot(3, frames: 1, findings: [finding]), style: Self.style).isEmpty)
    finding.confidence = .proven
    #expect(view.lines(for: Self.snapshot(4, frames: 1, findings: [finding]), style: Self.style).count == 1)
    let gone = view.lines(for: Self.snapshot(5, frames: 1), style: Self.style)
    #expect(gone.count == 1 && gone[0].contains("no longer: \(finding.title)"))
  }

  @Test("two findings of one cause about two children are two lines")
  func sameCause() {
    var second = Sample.finding()
    second.subjects = [Sample.secondID.description]
    var view = LivePlain()
    _ = view.lines(for: Self.snapshot(1, frames: 1), style: Self.style)
    let both = Self.snapshot(2, frames: 1, findings: [Sample.finding(), second])
    #expect(view.lines(for: both, style: Self.style).count == 2)
  }

  @Test("a loss is told when it grows")
  func losses() {
    var view = LivePlain()
    _ = view.lines(for: Self.snapshot(1, frames: 1), style: Self.style)
    var now = Self.snapshot(2, frames: 1)
    now.loss.sightingsDropped = 3
    #expect(view.lines(for: now, style: Self.style) == ["00:02  ! 3 records missing"])
    #expect(view.lines(for: now, style: Self.style).isEmpty)
  }

  @Test("hundreds of busy children do not flood a log")
  func flood() {
    var now = Self.snapshot(1, frames: 1)
    now.topology.interfaces = (0..<300).map {
      Sample.child(
        InterfaceID(namespace: $0, ifindex: 1), MACAddress(rawValue: $0), container: "c\($0)",
        address: "10.0.0.1/8")
    }
    now.counters = now.topology.interfaces.map {
      Sample.counter($0.id, .ingress, Sample.outsideMAC, $0.mac ?? .zero, frames: 1)
    }
    var view = LivePlain()
    let lines = view.lines(for: now, style: Self.style)
    #expect(lines.count == 21)
    #expect(lines.last?.contains("280 more interfaces") ?? false)
  }
}
