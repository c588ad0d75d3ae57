import BPF
import Foundation
import NetworkAddresses
import PacketKit
import Synchronization
import SystemPackage
import TestSupport
import Testing
import TraceModel

@testable import TraceCapture

/// Counting slots of those who are gone, taken away while programs count on: no frame is lost or counted twice.
@Suite("Taking counts out of the tables", .serialized) struct CounterHarvestTests {
  /// The programs at many interfaces: all have the loopback's index, on whose behalf the kernel runs tests.
  final class Bench {
    let frames: FramePrograms
    let table: CounterTable
    let reader: RecordReader
    let barrier: ProgramBarrier
    var registry = HookRegistry()

    init(preemptible: Bool = false, slots: Int = 1024) throws {
      var options = CaptureOptions()
      options.counterSlots = slots
      frames = try FramePrograms(options: options, preemptible: preemptible)
      table = try CounterTable(counters: frames.maps.counters, overflows: frames.maps.overflows)
      reader = RecordReader(ring: try RingBuffer(frames.maps.records), retention: 1000)
      barrier = try ProgramBarrier()
    }

    static func interface(_ number: Int) -> InterfaceID {
      InterfaceID(namespace: UInt64(number + 1), ifindex: 1)
    }

    func attach(_ interface: InterfaceID) throws -> (ingress: Program, egress: Program) {
      let hook = registry.ingressHook(interface)
      let number = try #require(hook)
      return (try frames.forLink(number, .ingress), try frames.forLink(number + 1, .egress))
    }

    func harvest(_ departures: [Departure]) throws -> CounterHarvest {
      try table.harvest(departures, registry) { try barrier.wait() }
    }

    func total(_ archive: CounterArchive = CounterArchive()) throws -> UInt64 {
      let counters = table.read(registry, archive).counters.reduce(0) { $0 + $1.frames }
      let overflows = try table.readOverflows(registry).values.reduce(0) { $0 + $1.frames }
      return counters + overflows + archive.overflowed.frames + archive.folded.frames
    }
  }

  static func mac(_ number: Int) -> MACAddress { MACAddress(rawValue: 0x0200_0000_0000 + UInt64(number)) }

  static func frame(from source: MACAddress, to destination: MACAddress = .broadcast) throws -> [UInt8] {
    var frame = TestFrames.echo
    frame.source = source
    frame.destination = destination
    return try frame.octets()
  }

  @Test func whatIsTakenIsTheInterfacesOwnAndWhatOthersCountedUnderItsAddress() throws {
    let bench = try Bench()
    let (gone, other) = (Bench.interface(0), Bench.interface(1))
    let (own, others) = (try bench.attach(gone), try bench.attach(other))
    _ = try own.ingress.testRun(packet: Self.frame(from: Self.mac(9)), repetitions: 3)
    _ = try own.egress.testRun(packet: Self.frame(from: Self.mac(1)), repetitions: 5)
    _ = try others.ingress.testRun(packet: Self.frame(from: Self.mac(1)), repetitions: 5)
    _ = try others.egress.testRun(packet: Self.frame(from: Self.mac(2), to: Self.mac(1)), repetitions: 7)
    _ = try others.ingress.testRun(packet: Self.frame(from: Self.mac(9)), repetitions: 11)
    let before = bench.table.read(bench.registry).counters
    try #require(before.count == 5)

    var archive = CounterArchive()
    let harvest = try bench.harvest([Departure(gone, mac: Self.mac(1))])
    #expect(harvest.counters.keys.map(\.self) == [gone])
    for (interface, counters) in harvest.counters { archive.add(counters, of: interface) }
    let left = bench.table.read(bench.registry).counters
    #expect(left.map(\.frames) == [11] && left.map(\.interface) == [other])
    #expect(Set(bench.table.read(bench.registry, archive).counters) == Set(before))
    // Its number is another's by now.
    bench.registry.release(gone)
    _ = try bench.attach(Bench.interface(2))
    #expect(Set(bench.table.read(bench.registry, archive).counters) == Set(before))

    // A station that comes again has one counter, not two.
    _ = try others.ingress.testRun(packet: Self.frame(from: Self.mac(1)), repetitions: 2)
    let again = bench.table.read(bench.registry, archive).counters
    #expect(again.count == 5 && again.reduce(0) { $0 + $1.frames } == 33)
  }

  @Test(arguments: [false, true]) func nothingIsLostOrDoubledWhileTheKeyItselfIsCounted(_ preemptible: Bool)
    throws
  {
    if preemptible { try Feature.fetchingAtomics.require() }
    let bench = try Bench(preemptible: preemptible, slots: 64)
    let (gone, other) = (Bench.interface(0), Bench.interface(1))
    _ = try bench.attach(gone)
    let program = try bench.attach(other).ingress
    let isOver = Atomic(false)
    let sent = Atomic(0)
    let sender = { @Sendable (number: Int) in
      guard let frame = try? Self.frame(from: Self.mac(1), to: Self.mac(number)) else { return }
      while !isOver.load(ordering: .relaxed) {
        guard (try? program.testRun(packet: frame, repetitions: 20_000)) != nil else { return }
        sent.add(20_000, ordering: .relaxed)
      }
    }
    var archive = CounterArchive()
    var harvested = 0
    try withoutActuallyEscaping(sender) { sender in
      let group = DispatchGroup()
      for number in 2..<4 { DispatchQueue.global().async(group: group) { sender(number) } }
      defer { group.wait() }
      defer { isOver.store(true, ordering: .relaxed) }
      let deadline = Date.now.addingTimeInterval(30)
      while harvested < 100 || sent.load(ordering: .relaxed) < 2_000_000, Date.now < deadline {
        for (interface, counters) in try bench.harvest([Departure(gone, mac: Self.mac(1))]).counters {
          harvested += counters.count
          archive.add(counters, of: interface)
        }
      }
    }
    #expect(harvested >= 100, "the keys must come again and again")
    #expect(try bench.total(archive) == UInt64(sent.load(ordering: .relaxed)))
  }

  /// What the barrier is for: a program that has found the slot counts in it for a last time.
  @Test func aFrameThatFoundItsSlotBeforeItWasTakenIsCounted() throws {
    let bench = try Bench()
    let gone = Bench.interface(0)
    let program = try bench.attach(gone).ingress
    let frame = try Self.frame(from: Self.mac(1))
    _ = try program.testRun(packet: frame, repetitions: 3)
    let slots = try bench.frames.maps.counters.map.mapped(writable: true)
    let harvest = try bench.table.harvest([Departure(gone, mac: nil)], bench.registry) {
      var taken: [Int] = []
      bench.table.forEachSlot { offset, _ in taken.append(offset) }
      try #require(taken.count == 1)
      let (count, bytes) = (taken[0] + 16, taken[0] + 24)
      for (word, addend) in [(count, 1), (bytes, 100)] as [(Int, UInt64)] {
        let value = slots.bytes.load(fromByteOffset: word, as: UInt64.self)
        slots.bytes.storeBytes(of: value + addend, toByteOffset: word, as: UInt64.self)
      }
      // One that comes later does not find it.
      _ = try program.testRun(packet: frame, repetitions: 7)
    }
    #expect(harvest.counters[gone]?.map(\.frames) == [4])
    #expect(harvest.counters[gone]?.map(\.bytes) == [UInt64(3 * frame.count + 100)])
    #expect(bench.table.read(bench.registry).counters.map(\.frames) == [7])
  }

  @Test func whereTheWaitFailsNothingIsTaken() throws {
    let bench = try Bench()
    let gone = Bench.interface(0)
    let program = try bench.attach(gone).ingress
    _ = try program.testRun(packet: Self.frame(from: Self.mac(1)), repetitions: 3)
    let before = bench.table.read(bench.registry).counters
    #expect(throws: BPFError.self) {
      try bench.table.harvest([Departure(gone, mac: nil)], bench.registry) {
        throw BPFError(.map, "wait", errno: .noMemory)
      }
    }
    #expect(bench.table.read(bench.registry).counters == before)
    _ = try program.testRun(packet: Self.frame(from: Self.mac(1)), repetitions: 2)
    #expect(bench.table.read(bench.registry).counters.map(\.frames) == [5])
  }

  /// Many more interfaces than there are numbers, and more keys than slots, one after the other.
  @Test func numbersAndSlotsLastForever() throws {
    let bench = try Bench()
    var retirement = Retirement()
    var now: UInt64 = 0
    var (sent, observed) = (0, 0)
    for number in 0..<40_000 {
      let interface = Bench.interface(number)
      let given = bench.registry.ingressHook(interface)
      try #require(given != nil, "after \(number) interfaces")
      if number % 64 == 0 {
        let programs = try bench.attach(interface)
        _ = try programs.ingress.testRun(packet: Self.frame(from: Self.mac(number)), repetitions: 8)
        _ = try programs.egress.testRun(packet: Self.frame(from: Self.mac(number)), repetitions: 4)
        sent += 12
        observed += 1
      }
      bench.reader.use(bench.registry)
      retirement.add(interface, mac: Self.mac(number))
      guard number % 500 == 499 else { continue }
      now += 2_000_000_000
      try retirement.harvest(bench.table, &bench.registry, bench.reader, used: [], at: now)
    }
    #expect(2 * observed > 1024 && retirement.archive.folded.frames == 0)
    #expect(try bench.total(retirement.archive) == UInt64(sent))
    #expect(try bench.table.readOverflows(bench.registry).isEmpty)
    let counters = bench.table.read(bench.registry, retirement.archive).counters
    #expect(counters.count == 2 * observed && Set(counters.map(\.interface)).count == observed)
    #expect(bench.reader.records().malformed == 0, "no record came too late for its number")
    for _ in 0..<2 {
      now += 2_000_000_000
      try retirement.harvest(bench.table, &bench.registry, bench.reader, used: [], at: now)
    }
    #expect(!retirement.isPending)
    #expect(bench.table.read(bench.registry).counters.isEmpty, "the table is empty again")
  }

  @Test func framesThatFoundNoRoomAreTakenToo() throws {
    let bench = try Bench(slots: 16)
    let (gone, other) = (Bench.interface(0), Bench.interface(1))
    let (own, others) = (try bench.attach(gone), try bench.attach(other))
    for number in 0..<200 {
      _ = try own.ingress.testRun(packet: Self.frame(from: Self.mac(number)), repetitions: 2)
      _ = try others.ingress.testRun(packet: Self.frame(from: Self.mac(1000 + number)), repetitions: 1)
    }
    #expect(try bench.total() == 600)
    var retirement = Retirement()
    retirement.add(gone, mac: nil)
    try retirement.harvest(bench.table, &bench.registry, bench.reader, used: [], at: 2_000_000_000)
    #expect(retirement.archive.overflowed.frames > 100)
    #expect(try bench.total(retirement.archive) == 600)
    #expect(try !bench.table.readOverflows(bench.registry).keys.contains { $0.interface == gone })
  }
}
