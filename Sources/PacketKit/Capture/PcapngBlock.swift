/// One block of a pcapng file.
struct PcapngBlock {
  let type: UInt32
  /// What is between the two lengths.
  let body: PcapngOctets
  /// The octets from its type to its second length.
  let length: Int

  /// Why there is no block at the front of what is left.
  enum Stop: Error {
    case cutOff(missing: Int)
    case malformed
  }

  /// Reads the block at the front; `isBigEndian` is the order of the section before, which a new one replaces.
  init(_ octets: ArraySlice<UInt8>, isBigEndian: Bool) throws(Stop) {
    var header = PcapngOctets(octets: octets, isBigEndian: isBigEndian)
    guard let type: UInt32 = header.integer(at: 0) else { throw .cutOff(missing: 4 - octets.count) }
    if type == PcapngCode.Block.sectionHeader {
      guard let magic: UInt32 = PcapngOctets(octets: octets, isBigEndian: true).integer(at: 8) else {
        throw .cutOff(missing: 12 - octets.count)
      }
      guard [magic, magic.byteSwapped].contains(PcapngCode.byteOrderMagic) else { throw .malformed }
      header = PcapngOctets(octets: octets, isBigEndian: magic == PcapngCode.byteOrderMagic)
    }
    guard let field: UInt32 = header.integer(at: 4) else { throw .cutOff(missing: 8 - octets.count) }
    let length = Int(field)
    guard length >= PcapngCode.blockOverhead, length % 4 == 0 else { throw .malformed }
    guard length <= octets.count else { throw .cutOff(missing: length - octets.count) }
    guard header.integer(at: length - 4) == field else { throw .malformed }
    self.type = type
    self.length = length
    body = header.dropping(8).prefix(length - PcapngCode.blockOverhead)
  }
}
