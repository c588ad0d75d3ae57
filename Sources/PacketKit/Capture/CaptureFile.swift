/// What a pcapng file holds (draft-ietf-opsawg-pcapng).
public struct CaptureFile: Hashable, Sendable {
  /// How reading ended.
  public enum End: Hashable, Sendable {
    /// With the file.
    case complete
    /// In the block at `offset`, of which at least `missing` octets are not there: the writer was interrupted.
    case cutOff(offset: Int, missing: Int)
    /// At the block at `offset`, whose lengths or fields contradict each other.
    case malformed(offset: Int)
  }

  /// The interfaces of all sections, in their order.
  public private(set) var interfaces: [CaptureInterface] = []
  /// The packets of all sections, in their order.
  public private(set) var packets: [CapturedPacket] = []
  /// How many blocks were passed over because they are of other types.
  public private(set) var skippedBlocks = 0
  /// How reading ended; what stands before is here in any case.
  public private(set) var end = End.complete

  /// Reads a file of either byte order, with one section or more.
  ///
  /// - Throws: `PcapngError.notPcapng` when it does not begin with a section header, as an empty file does not.
  public init(octets: [UInt8]) throws(PcapngError) {
    guard octets.prefix(4) == [0x0a, 0x0d, 0x0d, 0x0a] else { throw .notPcapng }
    var section = Section(firstInterface: 0)
    var offset = 0
    while offset < octets.count {
      do throws(PcapngBlock.Stop) {
        let block = try PcapngBlock(octets[offset...], isBigEndian: section.isBigEndian)
        try read(block, &section)
        offset += block.length
      } catch {
        switch error {
        case .cutOff(let missing): end = .cutOff(offset: offset, missing: missing)
        case .malformed: end = .malformed(offset: offset)
        }
        return
      }
    }
  }

  /// What holds until the next section header.
  private struct Section {
    var isBigEndian = false
    /// Where the section's interface 0 stands among those of the file.
    var firstInterface: Int
    var scales: [TimestampScale] = []
  }

  private mutating func read(_ block: PcapngBlock, _ section: inout Section) throws(PcapngBlock.Stop) {
    switch block.type {
    case PcapngCode.Block.sectionHeader:
      // Another major version may mean another format.
      guard block.body.integer(at: 4, UInt16.self) == 1, block.body.octets.count >= 16 else {
        throw .malformed
      }
      section = Section(isBigEndian: block.body.isBigEndian, firstInterface: interfaces.count)
    case PcapngCode.Block.interfaceDescription:
      guard let (interface, scale) = Self.interface(block.body) else { throw .malformed }
      interfaces.append(interface)
      section.scales.append(scale)
    case PcapngCode.Block.enhancedPacket:
      guard let packet = Self.enhancedPacket(block.body, section) else { throw .malformed }
      packets.append(packet)
    case PcapngCode.Block.simplePacket:
      guard let packet = simplePacket(block.body, section) else { throw .malformed }
      packets.append(packet)
    default: skippedBlocks += 1
    }
  }

  private static func interface(_ body: PcapngOctets) -> (CaptureInterface, TimestampScale)? {
    guard let linkType: UInt16 = body.integer(at: 0), let snapLength: UInt32 = body.integer(at: 4)
    else { return nil }
    var interface = CaptureInterface(name: nil, linkType: linkType, snapLength: snapLength)
    var scale = TimestampScale()
    for (code, value) in body.dropping(8).options {
      switch code {
      case PcapngCode.Option.interfaceName: interface.name = value.text
      case PcapngCode.Option.interfaceDescription: interface.description = value.text
      case PcapngCode.Option.timestampResolution: scale.resolution = value.integer(at: 0) ?? 6
      case PcapngCode.Option.timestampOffset:
        scale.offset = value.integer(at: 0, UInt64.self).map { Int64(bitPattern: $0) } ?? 0
      default: break
      }
    }
    return (interface, scale)
  }

  private static func enhancedPacket(_ body: PcapngOctets, _ section: Section) -> CapturedPacket? {
    guard let interface: UInt32 = body.integer(at: 0), interface < section.scales.count,
      let high: UInt32 = body.integer(at: 4), let low: UInt32 = body.integer(at: 8),
      let captured: UInt32 = body.integer(at: 12), let original: UInt32 = body.integer(at: 16),
      Int(captured) <= body.octets.count - 20
    else { return nil }
    let scale = section.scales[Int(interface)]
    var packet = CapturedPacket(
      interface: section.firstInterface + Int(interface),
      timestamp: scale.nanoseconds(UInt64(high) << 32 | UInt64(low)),
      octets: Array(body.dropping(20).prefix(Int(captured)).octets), originalLength: original)
    for (code, value) in body.dropping(20 + (Int(captured) + 3) & ~3).options {
      switch code {
      case PcapngCode.Option.comment: packet.comments.append(value.text)
      case PcapngCode.Option.packetID: packet.packetID = value.integer(at: 0)
      case PcapngCode.Option.packetFlags:
        let flags = value.integer(at: 0, UInt32.self) ?? 0
        packet.direction = CapturedPacket.Direction(rawValue: UInt8(flags & 3))
      default: break
      }
    }
    return packet
  }

  /// A packet of the section's first interface, without a time, whose kept length is the smaller of its own and
  /// the interface's limit (pcapng, 4.4).
  private func simplePacket(_ body: PcapngOctets, _ section: Section) -> CapturedPacket? {
    guard let original: UInt32 = body.integer(at: 0), !section.scales.isEmpty else { return nil }
    let limit = interfaces[section.firstInterface].snapLength
    let captured = limit == 0 ? original : min(original, limit)
    guard Int(captured) <= body.octets.count - 4 else { return nil }
    return CapturedPacket(
      interface: section.firstInterface, timestamp: nil,
      octets: Array(body.dropping(4).prefix(Int(captured)).octets), originalLength: original)
  }
}
