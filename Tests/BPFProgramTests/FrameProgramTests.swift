import BPF
import CLinux
import CMacvtraceABI
import Glibc
import LinuxNamespaces
import NetworkAddresses
import PacketKit
import SystemPackage
import TestSupport
import Testing
import TraceModel

@testable import TraceCapture

/// bpf/frames.bpf.c through BPF_PROG_TEST_RUN: a packet in, counters and sightings out.
@Suite(.serialized) struct FrameProgramTests {
  /// The programs with one interface: the loopback, on whose behalf the kernel runs tests.
  struct Bench {
    let programs: (ingress: Program, egress: Program)
    /// The kernel empties an array of programs with its last descriptor.
    let frames: FramePrograms
    let table: CounterTable
    let ring: RingBuffer
    let registry: HookRegistry
    let interface: InterfaceID

    /// - Parameters:
    ///   - apart: whether the regions of the CPUs are values of their own, as before Linux 6.0.
    ///   - clashing: whether the index is another namespace's interface's too, which came first.
    ///   - expected: whether the hook of that index is known before anything is loaded.
    ///   - sightings: whether frames are recorded, or counted alone.
    ///   - samplingMask: of ordinary frames those are recorded whose packet id has none of these bits.
    init(
      preemptible: Bool = false, slots: Int = 1024, apart: Bool = false, clashing: Bool = false,
      expected: Bool = false, sightings: Bool = true, samplingMask: UInt32 = CaptureOptions().samplingMask
    ) throws {
      interface = InterfaceID(namespace: clashing ? 2 : 1, ifindex: 1)
      var options = CaptureOptions()
      options.counterSlots = slots
      options.sightings = sightings
      options.samplingMask = samplingMask
      let regions = try CounterRegions(
        count: possibleCPUCount(), slots: slots, exactly: true, largest: apart ? 0 : .max)
      if apart { try #require(!regions.areOneValue || regions.count == 1) }
      frames = try FramePrograms(
        options, preemptible, expected ? HookRegistry.ownHook(ofInterface: 1) : nil, regions)
      var registry = HookRegistry()
      if clashing { _ = registry.ingressHook(InterfaceID(namespace: 1, ifindex: 1)) }
      let number = registry.ingressHook(interface)
      let hook = try #require(number)
      programs = (try frames.forLink(hook, .ingress), try frames.forLink(hook + 1, .egress))
      table = try CounterTable(counters: frames.maps.counters, overflows: frames.maps.overflows)
      ring = try RingBuffer(frames.maps.records)
      self.registry = registry
    }

    func sightings() -> [Sighting] {
      var found: [Sighting] = []
      ring.drain { bytes in
        guard RecordDecoder.kind(bytes) == MVT_SIGHTING else { return }
        if let sighting = RecordDecoder.sighting(bytes, registry) { found.append(sighting) }
      }
      return found
    }
  }

  @Test func anARPRequestIsCountedAndSeenWithItsFields() throws {
    let bench = try Bench()
    let run = try bench.programs.ingress.testRun(packet: TestFrames.arp.octets())
    #expect(Int32(bitPattern: run.returnValue) == -1, "the frame must go on: TC_ACT_UNSPEC")
    let counter = try #require(bench.table.read(bench.registry).counters.first)
    #expect(counter.frames == 1 && counter.bytes == 60)
    #expect(
      counter.source == MACAddress("02:00:00:00:00:0b")
        && counter.destination == MACAddress("02:00:00:00:00:0a"))
    let sighting = try #require(bench.sightings().first)
    #expect(sighting.frame.arp?.operation == 1)
    #expect(sighting.frame.arp?.senderAddress == IPAddress("172.22.16.2"))
    #expect(sighting.frame.solicitedAddress == IPAddress("172.22.16.10"))
    #expect(sighting.reason == .explains)
  }

  @Test(
    "every interface counts as itself, in both directions, also one whose index is another namespace's too",
    arguments: [(false, false), (true, false), (false, true), (true, true)])
  func indices(_ clashing: Bool, _ expected: Bool) throws {
    let bench = try Bench(clashing: clashing, expected: expected)
    #expect(bench.programs.ingress.name == (expected && !clashing ? "macvtrace_watch" : "macvtrace_in"))
    _ = try bench.programs.ingress.testRun(packet: TestFrames.arp.octets())
    _ = try bench.programs.egress.testRun(packet: TestFrames.echo.octets())
    _ = try bench.programs.egress.testRun(packet: TestFrames.echo.octets())
    let counters = bench.table.read(bench.registry).counters
    #expect(counters.allSatisfy { $0.interface == bench.interface })
    #expect(counters.first { $0.direction == .ingress }?.frames == 1)
    #expect(counters.first { $0.direction == .egress }?.frames == 2)
    #expect(bench.sightings().map(\.hook.interface) == [bench.interface, bench.interface, bench.interface])
  }

  @Test func aFrameAtAHookThatNobodyKnowsIsSaid() throws {
    let bench = try Bench()
    _ = try bench.programs.ingress.testRun(packet: TestFrames.arp.octets())
    let reading = bench.table.read(HookRegistry())
    #expect(reading.counters.isEmpty && reading.framesAtUnknownHooks == 1)
  }

  @Test func anEchoRequestIsSeenWithItsFields() throws {
    let bench = try Bench()
    _ = try bench.programs.egress.testRun(packet: TestFrames.echo.octets())
    let sighting = try #require(bench.sightings().first)
    let ip = try #require(sighting.frame.ip)
    #expect(ip.ttl == 64 && ip.identification == 0x1234 && ip.protocol == 1)
    #expect(ip.transport == .icmp(type: 8, code: 0, identifier: 7, sequence: 1))
    #expect(sighting.hook.direction == .egress)
  }

  @Test(arguments: [TestFrames.solicitation, TestFrames.extendedSolicitation])
  func aNeighborSolicitationIsSeen(_ frame: EthernetFrame) throws {
    let bench = try Bench()
    _ = try bench.programs.ingress.testRun(packet: frame.octets())
    #expect(bench.sightings().first?.frame.solicitedAddress == IPAddress("fe80::1"))
  }

  @Test func thePacketIDSurvivesForwarding() throws {
    let bench = try Bench()
    let frames = [TestFrames.echo, TestFrames.routedEcho, TestFrames.echo.tagged(TestFrames.tag)]
    for frame in frames { _ = try bench.programs.ingress.testRun(packet: frame.octets()) }
    #expect(Set(bench.sightings().map(\.packetID)).count == 1)
    for frame in [TestFrames.echo, TestFrames.echoRequest(sequence: 2)] {
      _ = try bench.programs.ingress.testRun(packet: frame.octets())
    }
    #expect(Set(bench.sightings().map(\.packetID)).count == 2)
  }

  @Test(
    arguments: [
      ([EthernetTag(TestFrames.tag.vlanID, priority: 1)], 10, nil),
      ([TestFrames.serviceTag, TestFrames.tag], 20, 10),
    ] as [([EthernetTag], UInt16, UInt16?)])
  func tagsInTheFrameAreRead(_ tags: [EthernetTag], _ outer: UInt16, _ inner: UInt16?) throws {
    let bench = try Bench()
    let frame = try TestFrames.arp.tagged(tags).octets()
    _ = try bench.programs.ingress.testRun(packet: frame)
    let counter = try #require(bench.table.read(bench.registry).counters.first)
    #expect(counter.vlan?.rawValue == outer && counter.innerVLAN?.rawValue == inner)
    #expect(counter.bytes == UInt64(frame.count))
    #expect(bench.sightings().first?.frame.solicitedAddress == IPAddress("172.22.16.10"))
  }

  @Test(arguments: [true, false]) func everyTruncationIsCountedAndNoneMisread(sightings: Bool) throws {
    let bench = try Bench(sightings: sightings)
    var sent: UInt64 = 0
    let corpus = [
      TestFrames.arp, TestFrames.echo, TestFrames.solicitation, TestFrames.extendedSolicitation,
      TestFrames.echo.tagged(TestFrames.tag),
      TestFrames.extendedSolicitation.tagged(TestFrames.serviceTag, TestFrames.tag),
    ]
    let plain = [(false, false), (false, true), (true, false), (true, true)].map { version6, tcp in
      Self.packet(1, version6: version6, tcp: tcp, tagged: false)
    }
    for frame in try corpus.map({ try $0.octets() }) + plain {
      // The kernel runs no test on a frame without a payload.
      for length in 15...frame.count {
        do {
          _ = try bench.programs.ingress.testRun(packet: Array(frame[..<length]))
        } catch {
          // Some kernels run no test on a cut-off IP header: the kernel tests send those on a wire.
          guard error.errno == .invalidArgument, length < 14 + 40 else { throw error }
          continue
        }
        sent += 1
      }
    }
    #expect(sent > 350)
    #expect(bench.table.read(bench.registry).counters.reduce(0) { $0 + $1.frames } == sent)
    for sighting in bench.sightings() where sighting.frame.arp != nil {
      #expect(sighting.length >= 14 + 28, "a cut-off ARP packet must not be read")
    }
  }

  /// A packet of a flow, of 60 octets behind the Ethernet header at least, with its number where packets of a flow differ.
  private static func packet(_ number: UInt16, version6: Bool, tcp: Bool, tagged: Bool) -> [UInt8] {
    let own = [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
    let kind: UInt8 = tcp ? 6 : 17
    let transport: [UInt8] =
      tcp
      ? [0x30, 0x39, 0, 80, 0, 0] + own + [0, 0, 0, 1, 0x50, 0x10, 1, 0, 0, 0, 0, 0]
      : [0x30, 0x39, 0, 80, 0, 40, 0, 0]
    let payload = (tcp ? [] : own) + [UInt8](repeating: 0xaa, count: tcp ? 20 : 30)
    let length = UInt8(transport.count + payload.count)
    let network: [UInt8] =
      version6
      ? [0x60, 0, 0, 0, 0, length, kind, 64] + [UInt8](repeating: 0x20, count: 32)
      : [0x45, 0, 0, 20 + length] + own + [0, 0, 64, kind, 0, 0, 172, 22, 16, 2, 172, 22, 16, 10]
    return TestFrames.destination.octets + TestFrames.source.octets + (tagged ? [0x81, 0, 0, 10] : [])
      + (version6 ? [0x86, 0xdd] : [8, 0]) + network + transport + payload
  }

  /// Runs a program on packets on the first CPU: what a CPU has of its own, another does not know.
  private static func runOnOneCPU(_ program: Program, _ packets: [[UInt8]], repetitions: Int = 1) throws {
    try onFreshThread {
      try #require(clinux_stay_on_cpu(0) == 0)
      for packet in packets { _ = try program.testRun(packet: packet, repetitions: repetitions) }
    }
  }

  @Test(
    "the ordinary frames that are selected in place are those that are selected from a copy",
    arguments: [(false, false), (false, true), (true, false), (true, true)])
  func selection(_ version6: Bool, _ tcp: Bool) throws {
    let mask: UInt32 = 15
    let bench = try Bench(samplingMask: mask)
    for (program, tagged) in [(bench.programs.ingress, false), (bench.programs.egress, true)] {
      try Self.runOnOneCPU(
        program,
        (0..<400).map { Self.packet($0, version6: version6, tcp: tcp, tagged: tagged) })
    }
    let selected = bench.sightings().filter { $0.reason == .sampled }
    let (inPlace, fromCopy) = (
      selected.filter { $0.hook.direction == .ingress }, selected.filter { $0.hook.direction == .egress }
    )
    #expect((8..<60).contains(inPlace.count), "one of 16")
    #expect(inPlace.map(\.packetID) == fromCopy.map(\.packetID))
    #expect(selected.allSatisfy { $0.packetID & UInt64(mask) == 0 })
    #expect(Set(selected.map(\.packetID)).count == inPlace.count)
  }

  /// However the CPUs' regions lie: what is counted in place and what `examine` counts, on each CPU.
  @Test(arguments: [false, true], [false, true])
  func eachCPUCountsInItsOwnRegion(apart: Bool, sightings: Bool) throws {
    let bench = try Bench(apart: apart, sightings: sightings)
    let frames = [false, true].map { Self.packet(1, version6: false, tcp: false, tagged: $0) }
    let cpus = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    for cpu in 0..<cpus {
      try onFreshThread { [program = bench.programs.ingress] in
        try #require(clinux_stay_on_cpu(CInt(cpu)) == 0)
        for frame in frames { _ = try program.testRun(packet: frame, repetitions: 10 * (cpu + 1)) }
      }
    }
    let frameCount = UInt64((1...cpus).reduce(0) { $0 + 10 * $1 })
    let counters = bench.table.read(bench.registry).counters
    #expect(counters.map(\.frames) == [frameCount, frameCount])
    #expect(Set(counters.map(\.vlan)) == [nil, VLANID(10)])
    var offsets: [Int] = []
    bench.table.forEachSlot { offset, _ in offsets.append(offset) }
    #expect(offsets.count == 2 * cpus)
    // Each slot in the region of a CPU, two in each.
    let regions = bench.frames.maps.counters
    #expect(Set(offsets.map { $0 / regions.size }).count == cpus)
  }

  @Test(.needs(.fetchingAtomics), arguments: [false, true]) func atomicCountingAgrees(apart: Bool) throws {
    let bench = try Bench(preemptible: true, apart: apart)
    let frames = [
      try TestFrames.arp.octets(), Self.packet(1, version6: false, tcp: false, tagged: false),
      Self.packet(1, version6: true, tcp: true, tagged: false),
    ]
    for _ in 0..<3 {
      for frame in frames { _ = try bench.programs.ingress.testRun(packet: frame, repetitions: 1000) }
    }
    #expect(bench.table.read(bench.registry).counters.map(\.frames) == [9000])
  }

  /// Without the programs that frames go on to when anything about them is out of the ordinary, the ordinary ones are
  /// counted and nothing else: so a key that has its slot must be found on the short way, also beside its first place.
  @Test(arguments: [true, false], [false, true])
  func anOrdinaryFrameIsCountedWithoutTheRareProgram(_ sightings: Bool, _ apart: Bool) throws {
    let bench = try Bench(apart: apart, sightings: sightings, samplingMask: .max >> 1)
    let frames = (0..<400).map { _ in
      var frame = Self.packet(1, version6: false, tcp: true, tagged: false)
      let station = UInt32.random(in: .min ... .max)
      frame.replaceSubrange(8..<12, with: withUnsafeBytes(of: station.bigEndian) { Array($0) })
      return frame
    }
    func count() throws -> UInt64 {
      try Self.runOnOneCPU(bench.programs.ingress, frames, repetitions: 5)
      return bench.table.read(bench.registry).counters.reduce(0) { $0 + $1.frames }
    }
    #expect(try count() == 2000)
    _ = bench.sightings()
    try bench.frames.rare.set(0, to: Program.trivial())
    // A few keys have no slot near home: theirs are lost here.
    let again = try count() - 2000
    #expect((1900...2000).contains(again) && again % 5 == 0)
    #expect(bench.sightings().isEmpty)
  }

  @Test func theFirstThreeFramesOfEachConversationAreRecorded() throws {
    let bench = try Bench(samplingMask: .max >> 1)
    var frame = Self.packet(1, version6: false, tcp: false, tagged: false)
    // The first ones of a pair of stations are recorded for that, too.
    try Self.runOnOneCPU(bench.programs.ingress, [frame], repetitions: 10)
    #expect(bench.sightings().map(\.reason) == [.conversation, .conversation, .conversation])
    for port in [1, 2, 3] as [UInt8] {
      frame[37] = port
      for (program, expected) in [
        (bench.programs.ingress, 3), (bench.programs.egress, 3), (bench.programs.ingress, 0),
      ] {
        try Self.runOnOneCPU(program, [frame], repetitions: 10)
        let seen = bench.sightings()
        #expect(seen.count == expected && seen.allSatisfy { $0.reason == .conversation })
      }
    }
  }

  @Test(arguments: [true, false]) func aGSOBufferCountsAsItsSegments(sightings: Bool) throws {
    let bench = try Bench(sightings: sightings)
    // struct __sk_buff: gso_segs at 164, gso_size at 176; the kernel takes both from a test's context.
    let payload = 3000
    var context = [UInt8](repeating: 0, count: 192)
    context.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: 3, toByteOffset: 164, as: UInt32.self)
      bytes.storeBytes(of: 1000, toByteOffset: 176, as: UInt32.self)
    }
    _ = try bench.programs.ingress.testRun(
      packet: TestFrames.tcp(payload: payload).octets(), context: context)
    let counter = try #require(bench.table.read(bench.registry).counters.first)
    #expect(counter.frames == 3)
    #expect(counter.bytes == UInt64(3 * 54 + payload))
    let recorded = bench.sightings()
    #expect(recorded.count == (sightings ? 1 : 0))
    #expect(recorded.allSatisfy { $0.segments == 3 && Int($0.length) == 3 * 54 + payload })
  }
}
