import BPF
import NetworkAddresses
import SystemPackage
import Testing
import TraceModel

@testable import TraceCapture

/// bpf/frames.bpf.c through BPF_PROG_TEST_RUN: a packet in, counters and sightings out.
@Suite(.serialized) struct FrameProgramTests {
  /// The programs with one interface: the loopback, on whose behalf the kernel runs tests.
  struct Bench {
    let programs: EntryPrograms
    /// The kernel empties an array of programs with its last descriptor.
    private let frames: FramePrograms
    let table: CounterTable
    let ring: RingBuffer
    let registry: HookRegistry
    let interface = InterfaceID(namespace: 1, ifindex: 1)

    init(preemptible: Bool = false, slots: Int = 1024) throws {
      var options = CaptureOptions()
      options.counterSlots = slots
      frames = try FramePrograms(options: options, preemptible: preemptible)
      var registry = HookRegistry()
      let hook = registry.ingressHook(interface)
      programs = try EntryPrograms(ingressHook: try #require(hook), maps: frames.maps)
      table = try CounterTable(counters: frames.maps.counters, overflows: frames.maps.overflows)
      ring = try RingBuffer(frames.maps.records)
      self.registry = registry
    }

    func sightings() -> [Sighting] {
      var found: [Sighting] = []
      ring.drain { bytes in
        if case .sighting(let sighting) = RecordDecoder.decode(bytes, registry) { found.append(sighting) }
      }
      return found
    }
  }

  static let macs: [UInt8] = [0x02, 0, 0, 0, 0, 0x0a, 0x02, 0, 0, 0, 0, 0x0b]
  static let arp: [UInt8] =
    macs + [
      8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0x0b, 172, 22, 16, 2, 0, 0, 0, 0, 0, 0, 172, 22, 16, 10,
    ]
    + [UInt8](repeating: 0, count: 18)
  /// An echo request of RFC 792 in IPv4 of RFC 791: TTL 64, identification 0x1234.
  static let echo: [UInt8] =
    macs + [8, 0, 0x45, 0, 0, 44, 0x12, 0x34, 0, 0, 64, 1, 0, 0, 172, 22, 16, 2, 172, 22, 16, 10]
    + [8, 0, 0, 0, 0, 7, 0, 1] + [UInt8](repeating: 0xaa, count: 16)
  /// A neighbor solicitation of RFC 4861 for fe80::1.
  static let solicitation: [UInt8] =
    macs + [0x86, 0xdd, 0x60, 0, 0, 0, 0, 24, 58, 255] + [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [2]
    + [0xff, 2] + [UInt8](repeating: 0, count: 9) + [1, 0xff, 0, 0, 1]
    + [135, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1]
  /// The same behind a hop-by-hop and a destination options header (RFC 8200).
  static let extended: [UInt8] = {
    var frame = solicitation
    frame[14 + 6] = 0
    frame[14 + 5] = 40
    frame.insert(contentsOf: [60, 0, 1, 4, 0, 0, 0, 0, 58, 0, 1, 4, 0, 0, 0, 0], at: 14 + 40)
    return frame
  }()
  static func tagged(_ frame: [UInt8], _ tags: [UInt8]) -> [UInt8] {
    Array(frame[..<12]) + tags + Array(frame[12...])
  }

  @Test func anARPRequestIsCountedAndSeenWithItsFields() throws {
    let bench = try Bench()
    let run = try bench.programs.ingress.testRun(packet: Self.arp)
    #expect(Int32(bitPattern: run.returnValue) == -1, "the frame must go on: TC_ACT_UNSPEC")
    let counter = try #require(bench.table.read(bench.registry).first)
    #expect(counter.frames == 1 && counter.bytes == UInt64(Self.arp.count))
    #expect(
      counter.source == MACAddress("02:00:00:00:00:0b")
        && counter.destination == MACAddress("02:00:00:00:00:0a"))
    let sighting = try #require(bench.sightings().first)
    #expect(sighting.frame.arp?.operation == 1)
    #expect(sighting.frame.arp?.senderAddress == IPAddress("172.22.16.2"))
    #expect(sighting.frame.solicitedAddress == IPAddress("172.22.16.10"))
    #expect(sighting.reason == .explains)
  }

  @Test func anEchoRequestIsSeenWithItsFields() throws {
    let bench = try Bench()
    _ = try bench.programs.egress.testRun(packet: Self.echo)
    let sighting = try #require(bench.sightings().first)
    let ip = try #require(sighting.frame.ip)
    #expect(ip.ttl == 64 && ip.identification == 0x1234 && ip.protocol == 1)
    #expect(ip.transport == .icmp(type: 8, code: 0, identifier: 7, sequence: 1))
    #expect(sighting.hook.direction == .egress)
  }

  @Test(arguments: [solicitation, extended]) func aNeighborSolicitationIsSeen(_ frame: [UInt8]) throws {
    let bench = try Bench()
    _ = try bench.programs.ingress.testRun(packet: frame)
    #expect(bench.sightings().first?.frame.solicitedAddress == IPAddress("fe80::1"))
  }

  @Test func thePacketIDSurvivesForwarding() throws {
    let bench = try Bench()
    var routed = Self.echo
    routed[5] = 0x77  // the next hop's MAC
    routed[14 + 8] = 63  // TTL
    routed[14 + 10] = 0x99  // header checksum
    routed[14 + 1] = 0x2e  // DSCP and ECN
    let frames = [Self.echo, routed, Self.tagged(Self.echo, [0x81, 0, 0, 10])]
    for frame in frames { _ = try bench.programs.ingress.testRun(packet: frame) }
    #expect(Set(bench.sightings().map(\.packetID)).count == 1)
    var other = Self.echo
    other[14 + 20 + 7] = 2  // the next sequence number
    _ = try bench.programs.ingress.testRun(packet: Self.echo)
    _ = try bench.programs.ingress.testRun(packet: other)
    #expect(Set(bench.sightings().map(\.packetID)).count == 2)
  }

  @Test(
    arguments: [
      ([0x81, 0x00, 0x20, 0x0a], 10, nil),
      ([0x88, 0xa8, 0x00, 0x14, 0x81, 0x00, 0x00, 0x0a], 20, 10),
    ] as [([UInt8], UInt16, UInt16?)]) func tagsInTheFrameAreRead(
      _ tags: [UInt8], _ outer: UInt16, _ inner: UInt16?
    ) throws
  {
    let bench = try Bench()
    let frame = Self.tagged(Self.arp, tags)
    _ = try bench.programs.ingress.testRun(packet: frame)
    let counter = try #require(bench.table.read(bench.registry).first)
    #expect(counter.vlan?.rawValue == outer && counter.innerVLAN?.rawValue == inner)
    #expect(counter.bytes == UInt64(frame.count))
    #expect(bench.sightings().first?.frame.solicitedAddress == IPAddress("172.22.16.10"))
  }

  @Test func everyTruncationIsCountedAndNoneMisread() throws {
    let bench = try Bench()
    var sent: UInt64 = 0
    let corpus = [
      Self.arp, Self.echo, Self.solicitation, Self.extended, Self.tagged(Self.echo, [0x81, 0, 0, 10]),
      Self.tagged(Self.extended, [0x88, 0xa8, 0, 20, 0x81, 0, 0, 10]),
    ]
    for frame in corpus {
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
    #expect(sent > 150)
    #expect(bench.table.read(bench.registry).reduce(0) { $0 + $1.frames } == sent)
    for sighting in bench.sightings() where sighting.frame.arp != nil {
      #expect(sighting.length >= 14 + 28, "a cut-off ARP packet must not be read")
    }
  }

  @Test func atomicCountingAgrees() throws {
    let bench = try Bench(preemptible: true)
    for _ in 0..<3 { _ = try bench.programs.ingress.testRun(packet: Self.arp, repetitions: 1000) }
    #expect(bench.table.read(bench.registry).map(\.frames) == [3000])
  }

  @Test func aGSOBufferCountsAsItsSegments() throws {
    let bench = try Bench()
    // struct __sk_buff: gso_segs at 164, gso_size at 176; the kernel takes both from a test's context.
    let payload = 3000
    let total = UInt16(20 + 20 + payload)
    let frame =
      Self.macs + [8, 0, 0x45, 0, UInt8(total >> 8), UInt8(total & 0xff), 0, 1, 0, 0, 64, 6, 0, 0]
      + [172, 22, 16, 2, 172, 22, 16, 10] + [
        0x10, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 1, 0, 0, 0, 0, 0,
      ]
      + [UInt8](repeating: 1, count: payload)
    var context = [UInt8](repeating: 0, count: 192)
    context.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: 3, toByteOffset: 164, as: UInt32.self)
      bytes.storeBytes(of: 1000, toByteOffset: 176, as: UInt32.self)
    }
    _ = try bench.programs.ingress.testRun(packet: frame, context: context)
    let counter = try #require(bench.table.read(bench.registry).first)
    #expect(counter.frames == 3)
    #expect(counter.bytes == UInt64(3 * 54 + payload))
  }
}
