import NetworkAddresses
import Testing
import TraceModel

@testable import TraceCapture

@Suite("What was counted for those who are gone") struct CounterArchiveTests {
  static func counter(_ interface: Int, source: UInt64 = 1, frames: UInt64) -> Counter {
    Counter(
      interface: InterfaceID(namespace: UInt64(interface), ifindex: 2), direction: .ingress,
      vlan: VLANID(10), source: MACAddress(rawValue: source), destination: .broadcast, frames: frames,
      bytes: frames * 60)
  }

  static func counters(_ archive: CounterArchive) -> [Counter] {
    var sums = CounterSums()
    let numbers = archive.add(to: &sums, HookRegistry())
    return sums.sums.compactMap { sum in numbers[sum.key.hook].map { Counter(sum, at: $0) } }
  }

  @Test("every counter is kept as it was")
  func kept() {
    var archive = CounterArchive()
    let counters = (0..<300).map { Self.counter($0, source: UInt64($0), frames: UInt64($0)) }
    for counter in counters { archive.add([counter], of: counter.interface) }
    #expect(Self.counters(archive) == counters)
    #expect(archive.folded == FoldedCounters())
  }

  @Test("one that came and left again under its numbers has one counter for each key")
  func again() {
    var archive = CounterArchive(interfaces: 4, counters: 8)
    for _ in 0..<1000 {
      archive.add(
        [Self.counter(1, frames: 2), Self.counter(1, source: 7, frames: 3)],
        of: Self.counter(1, frames: 0).interface)
    }
    #expect(Set(Self.counters(archive).map(\.frames)) == [2000, 3000])
    #expect(archive.folded == FoldedCounters())
  }

  @Test("beyond so many interfaces those that left first are one sum, and the whole stays the whole")
  func folding() {
    var archive = CounterArchive(interfaces: 10, counters: 1000)
    for number in 0..<100 {
      let counter = Self.counter(number, frames: 10)
      archive.add([counter], of: counter.interface)
    }
    #expect(archive.folded.interfaces == 90 && archive.folded.frames == 900 && archive.folded.bytes == 54_000)
    #expect(Self.counters(archive).map(\.interface.namespace) == (90..<100).map { UInt64($0) })
    // One of those comes once more, and one that was folded.
    for number in [95, 3] {
      let counter = Self.counter(number, frames: 1)
      archive.add([counter], of: counter.interface)
    }
    #expect(archive.folded.interfaces == 91)
    #expect(Self.counters(archive).reduce(0) { $0 + $1.frames } + archive.folded.frames == 1002)
  }

  @Test("beyond so many counters, too")
  func manyCounters() {
    var archive = CounterArchive(interfaces: 10, counters: 100)
    for number in 0..<3 {
      let counters = (0..<60).map { Self.counter(number, source: $0, frames: 1) }
      archive.add(counters, of: counters[0].interface)
    }
    #expect(archive.folded.interfaces == 2 && archive.folded.frames == 120)
    #expect(Self.counters(archive).count == 60)
  }

  @Test("one that is folded out of turn is in the sum once")
  func outOfTurn() {
    var archive = CounterArchive(interfaces: 4, counters: 100)
    for number in 0..<4 {
      let counter = Self.counter(number, frames: 1)
      archive.add([counter], of: counter.interface)
    }
    for number in [2, 2, 0, 9] { archive.fold(Self.counter(number, frames: 0).interface) }
    #expect(archive.folded.interfaces == 2 && archive.folded.frames == 2)
    #expect(Self.counters(archive).map(\.interface.namespace) == [1, 3])
    for number in [2, 5, 6, 7] {
      let counter = Self.counter(number, frames: 1)
      archive.add([counter], of: counter.interface)
    }
    #expect(Self.counters(archive).map(\.interface.namespace) == [2, 5, 6, 7].map { UInt64($0) })
    #expect(archive.folded.interfaces == 4 && archive.folded.frames == 4)
  }
}
