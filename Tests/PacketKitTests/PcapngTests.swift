import Foundation
import PacketKit
import Testing

@Suite("pcapng files") struct PcapngTests {
  /// Two interfaces, and packets with everything that the writer knows; odd lengths need padding.
  private static let interfaces = [
    CaptureInterface(name: "ens33", description: "the parent", snapLength: 96),
    CaptureInterface(name: "eth0"),
  ]
  private static let packets = [
    CapturedPacket(
      interface: 0, timestamp: 1_700_000_000_123_456_789, octets: Samples.octets(61), originalLength: 1514,
      direction: .inbound, packetID: 0x0123_4567_89ab_cdef, comments: ["host-to-child-bridge: proven"]),
    CapturedPacket(
      interface: 1, timestamp: 1_700_000_000_123_456_790, octets: Samples.octets(60), direction: .outbound,
      comments: ["Überraschung", "zweite"]),
    CapturedPacket(interface: 1, timestamp: 0, octets: Samples.octets(62)),
    CapturedPacket(interface: 0, timestamp: .max / 2, octets: Samples.octets(63), packetID: 1),
  ]

  private static func written() throws -> [UInt8] {
    var writer = PcapngWriter(application: "macvtrace tests")
    for (index, interface) in interfaces.enumerated() { #expect(writer.add(interface) == index) }
    for packet in packets { try writer.add(packet) }
    let octets = writer.take()
    #expect(writer.take().isEmpty)
    return octets
  }

  @Test("what is written is read again") func roundTrip() throws {
    let file = try CaptureFile(octets: Self.written())
    #expect(file.interfaces == Self.interfaces && file.packets == Self.packets)
    #expect(file.end == .complete && file.skippedBlocks == 0)
  }

  @Test("a writer whose octets are taken in parts writes the same file") func parts() throws {
    var writer = PcapngWriter(application: "macvtrace tests")
    var octets = writer.take()
    for interface in Self.interfaces {
      _ = writer.add(interface)
      octets += writer.take()
    }
    for packet in Self.packets {
      try writer.add(packet)
      octets += writer.take()
    }
    #expect(try octets == Self.written())
  }

  @Test("tshark reads what was written", .enabled(if: Tshark.isThere)) func tshark() throws {
    let file = try TemporaryFile(Self.written())
    let names = [
      "frame.interface_name", "frame.time_epoch", "frame.cap_len", "frame.len",
      "frame.packet_flags_direction",
      "frame.packet_id", "frame.comment",
    ]
    let theirs = try Tshark.fields(names, of: file)
    try #require(theirs.count == Self.packets.count)
    for (packet, their) in zip(Self.packets, theirs) {
      let nanoseconds = String(try #require(packet.timestamp) % 1_000_000_000)
      let fraction = String(repeating: "0", count: 9 - nanoseconds.count) + nanoseconds
      #expect(their["frame.interface_name"] == Self.interfaces[packet.interface].name)
      #expect(their["frame.time_epoch"] == "\(try #require(packet.timestamp) / 1_000_000_000).\(fraction)")
      #expect(their["frame.cap_len"] == "\(packet.octets.count)")
      #expect(their["frame.len"] == "\(packet.originalLength)")
      #expect(
        their["frame.packet_flags_direction"].flatMap { UInt8($0.dropFirst(2), radix: 16) ?? UInt8($0) }
          == packet.direction?.rawValue)
      #expect(their["frame.packet_id"] == packet.packetID.map { "\($0)" })
      #expect(
        their["frame.comment"] == (packet.comments.isEmpty ? nil : packet.comments.joined(separator: "|")))
    }
    let information = try output(of: ["capinfos", "-M", file.path])
    for text in ["macvtrace tests", "Name = ens33", "Description = the parent", "nanoseconds (9)"] {
      #expect(information.contains(text), "\(information)")
    }
  }

  @Test("a file that was cut off anywhere gives what stands before, and says what is missing")
  func truncations() throws {
    let octets = try Self.written()
    // Where each block ends, by its length.
    var ends = [0]
    while let start = ends.last, start < octets.count {
      ends.append(start + Int(octets[start + 4]) + Int(octets[start + 5]) << 8)
    }
    #expect(ends.last == octets.count && ends.count == 8)
    for length in 4..<octets.count {
      let file = try CaptureFile(octets: Array(octets[..<length]))
      let whole = ends.count { $0 > 0 && $0 <= length }
      #expect(file.interfaces.count == min(2, max(0, whole - 1)))
      #expect(file.packets == Array(Self.packets.prefix(max(0, whole - 3))))
      let start = ends[whole]
      switch length - start {
      case 0: #expect(file.end == .complete)
      case 12...:
        #expect(file.end == .cutOff(offset: start, missing: ends[whole + 1] - length))
      default:
        guard case .cutOff(start, let missing) = file.end else {
          Issue.record("\(length): \(file.end)")
          continue
        }
        #expect((1...ends[whole + 1] - length).contains(missing))
      }
    }
    for length in 0..<4 {
      #expect(throws: PcapngError.notPcapng) { try CaptureFile(octets: Array(octets[..<length])) }
    }
  }

  @Test("a file with any bit changed is read without a trap, and gives no more than it has")
  func bitFlips() throws {
    let octets = try Self.written()
    for bit in 0..<8 * octets.count {
      var changed = octets
      changed[bit / 8] ^= 1 << (bit % 8)
      guard let file = try? CaptureFile(octets: changed) else {
        #expect(bit < 32)
        continue
      }
      #expect(file.packets.reduce(0) { $0 + $1.octets.count } < octets.count)
      #expect(file.packets.allSatisfy { file.interfaces.indices.contains($0.interface) })
    }
  }

  @Test("a packet of an interface that was not added is refused") func unknownInterface() {
    var writer = PcapngWriter(application: "")
    #expect(throws: PcapngError.unknownInterface(0)) {
      try writer.add(CapturedPacket(interface: 0, timestamp: 0, octets: []))
    }
  }

  @Test("a text that is too long for an option is cut off between characters", .enabled(if: Tshark.isThere))
  func longText() throws {
    var writer = PcapngWriter(application: String(repeating: "ü", count: 40000))
    let interface = writer.add(Self.interfaces[0])
    let comment = "x" + String(repeating: "ü", count: 40000)
    try writer.add(CapturedPacket(interface: interface, timestamp: 1, octets: [1], comments: [comment]))
    let octets = writer.take()
    #expect(
      try CaptureFile(octets: octets).packets.first?.comments == ["x" + String(repeating: "ü", count: 32767)])
    #expect(try Tshark.fields(["frame.number"], of: TemporaryFile(octets)) == [["frame.number": "1"]])
  }

  /// Both byte orders, resolutions, two sections, blocks of types that nobody knows, and simple packets, laid out
  /// by Python after the draft.
  private static let foreign = """
    import struct, sys
    def file(order):
        def block(kind, body):
            body += bytes(-len(body) % 4)
            return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)
        def option(code, value): return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)
        def interface(name, snap, *options):
            return block(1, struct.pack(order + "HHI", 1, 0, snap) + option(2, name) + b"".join(options))
        def packet(index, time, data, *options):
            head = struct.pack(order + "IIIII", index, time >> 32, time & 0xffffffff, len(data), len(data))
            return block(6, head + data + bytes(-len(data) % 4) + b"".join(options))
        header = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
        end = option(0, b"")
        return (header + interface(b"micro", 0, end)
            + interface(b"binary", 0, option(9, bytes([0x80 | 20])), end)
            + interface(b"moved", 0, option(9, bytes([3])), option(14, struct.pack(order + "q", 1000)), end)
            + block(0x0AAA, b"unknown") + block(5, struct.pack(order + "III", 0, 0, 0))
            + packet(0, 1700000000000001, bytes(14), option(1, b"first"), end)
            + packet(1, (1700000000 << 20) + (1 << 19), bytes(15), option(2, struct.pack(order + "I", 2)), end)
            + packet(2, 1700000000123, bytes(17))
            + header + interface(b"simple", 20)
            + block(3, struct.pack(order + "I", 100) + bytes(range(20)))
            + packet(0, 1700000000000002, bytes(16)))
    sys.stdout.buffer.write(file("<" if sys.argv[1] == "little" else ">"))
    """

  @Test(
    "files of other writers are read as tshark reads them", .enabled(if: Tshark.isThere),
    arguments: ["little", "big"])
  func foreign(_ order: String) throws {
    let file = try TemporaryFile()
    try output(of: [
      "sh", "-c", "exec \"$0\" -c \"$1\" \"$2\" > \"$3\"", "python3", Self.foreign, order, file.path,
    ])
    let ours = try CaptureFile(octets: file.octets)
    #expect(ours.end == .complete && ours.skippedBlocks == 2)
    let names = [
      "frame.interface_name", "frame.time_epoch", "frame.cap_len", "frame.len", "frame.comment",
      "frame.packet_flags_direction",
    ]
    let theirs = try Tshark.fields(names, of: file)
    try #require(theirs.count == 5 && ours.packets.count == 5)
    for (packet, their) in zip(ours.packets, theirs) {
      #expect(
        "\(packet.octets.count)" == their["frame.cap_len"] && "\(packet.originalLength)" == their["frame.len"]
      )
      #expect(packet.comments.first == their["frame.comment"])
      #expect(packet.direction.map { "0x0000000\($0.rawValue)" } == their["frame.packet_flags_direction"])
      guard let timestamp = packet.timestamp else { continue }
      let parts = try #require(their["frame.time_epoch"]?.split(separator: "."))
      #expect("\(timestamp / 1_000_000_000)" == parts[0])
      #expect(UInt64(parts[1]) == timestamp % 1_000_000_000)
    }
    // tshark 4.0 names a second section's packets after the first section's interfaces: interfaces count by
    // section (pcapng, 4.1).
    let named = ours.packets.map { ours.interfaces[$0.interface].name }
    #expect(named == ["micro", "binary", "moved", "simple", "simple"])
    #expect(named.prefix(3) == theirs.prefix(3).map { $0["frame.interface_name"] }[...])
    // A simple packet has no time (pcapng, 4.4).
    #expect(ours.packets.map { $0.timestamp == nil } == [false, false, false, true, false])
  }
}
