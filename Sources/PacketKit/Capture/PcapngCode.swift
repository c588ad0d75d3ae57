/// Numbers of pcapng (draft-ietf-opsawg-pcapng).
enum PcapngCode {
  /// The types of blocks.
  enum Block {
    static let sectionHeader: UInt32 = 0x0a0d_0d0a
    static let interfaceDescription: UInt32 = 1
    static let simplePacket: UInt32 = 3
    static let enhancedPacket: UInt32 = 6
  }

  /// The codes of options; those from 2 on mean another thing in each type of block.
  enum Option {
    static let endOfOptions: UInt16 = 0
    static let comment: UInt16 = 1
    static let sectionApplication: UInt16 = 4
    static let interfaceName: UInt16 = 2
    static let interfaceDescription: UInt16 = 3
    static let timestampResolution: UInt16 = 9
    static let timestampOffset: UInt16 = 14
    static let packetFlags: UInt16 = 2
    static let packetID: UInt16 = 5
  }

  /// What a section header begins with, in the byte order of its writer.
  static let byteOrderMagic: UInt32 = 0x1a2b_3c4d
  /// The octets of a block without a body: type, length, and the length once more.
  static let blockOverhead = 12
}
