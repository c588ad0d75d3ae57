/// Writes a capture file with one section and times in nanoseconds (draft-ietf-opsawg-pcapng).
///
/// It holds what was written until `take()` fetches it: the caller owns the file.
public struct PcapngWriter: Sendable {
  private var written: [UInt8]
  private var interfaces = 0

  /// Begins a file.
  ///
  /// - Parameter application: who writes it, as in `shb_userappl`; of longer texts 65,535 octets are written.
  public init(application: String) {
    var block = PcapngBlockBuilder(PcapngCode.Block.sectionHeader)
    block.append(PcapngCode.byteOrderMagic)
    // Version 1.0, and a section length of -1: not said.
    block.append(UInt16(1))
    block.append(UInt16(0))
    block.append(UInt64.max)
    block.option(PcapngCode.Option.sectionApplication, application)
    written = block.finished()
  }

  /// Adds an interface and returns its index, which `CapturedPacket.interface` wants.
  public mutating func add(_ interface: CaptureInterface) -> Int {
    var block = PcapngBlockBuilder(PcapngCode.Block.interfaceDescription)
    block.append(interface.linkType)
    block.append(UInt16(0))
    block.append(interface.snapLength)
    if let name = interface.name { block.option(PcapngCode.Option.interfaceName, name) }
    if let text = interface.description { block.option(PcapngCode.Option.interfaceDescription, text) }
    block.option(PcapngCode.Option.timestampResolution, [9])
    written += block.finished()
    interfaces += 1
    return interfaces - 1
  }

  /// Adds a frame; one without a timestamp gets the time 0, as the block has no other way to say it.
  ///
  /// - Throws: `PcapngError.unknownInterface` when its interface was not added.
  public mutating func add(_ packet: CapturedPacket) throws(PcapngError) {
    guard (0..<interfaces).contains(packet.interface) else { throw .unknownInterface(packet.interface) }
    let timestamp = packet.timestamp ?? 0
    var block = PcapngBlockBuilder(PcapngCode.Block.enhancedPacket)
    block.append(UInt32(packet.interface))
    block.append(UInt32(timestamp >> 32))
    block.append(UInt32(truncatingIfNeeded: timestamp))
    block.append(UInt32(truncatingIfNeeded: packet.octets.count))
    block.append(packet.originalLength)
    block.append(packet.octets)
    if let direction = packet.direction {
      block.option(PcapngCode.Option.packetFlags, [direction.rawValue, 0, 0, 0])
    }
    if let packetID = packet.packetID {
      block.option(
        PcapngCode.Option.packetID, (0..<8).map { UInt8(truncatingIfNeeded: packetID >> (8 * $0)) })
    }
    for comment in packet.comments { block.option(PcapngCode.Option.comment, comment) }
    written += block.finished()
  }

  /// The octets that were written since the last call, for the caller to append to the file.
  public mutating func take() -> [UInt8] {
    defer { written = [] }
    return written
  }
}
