public import NetworkAddresses

/// A VLAN tag in a frame (IEEE 802.1Q, 9.3).
public struct EthernetTag: Hashable, Sendable {
  /// The tag protocol identifier: customer or service tag.
  public var type: EtherType
  /// The priority code point, 0 to 7, in the upper three bits of the tag control information.
  public var priority: UInt8
  /// The drop eligible indicator.
  public var isDropEligible: Bool
  /// The VLAN; 0 is a priority tag.
  public var vlanID: VLANID

  /// Makes a tag; of `priority` the low three bits count.
  public init(
    _ vlanID: VLANID, type: EtherType = .customerTag, priority: UInt8 = 0, isDropEligible: Bool = false
  ) {
    self.type = type
    self.priority = priority & 7
    self.isDropEligible = isDropEligible
    self.vlanID = vlanID
  }

  /// Reads the 16 bits behind the tag's type.
  init(type: EtherType, tagControlInformation tci: UInt16) {
    self.init(
      VLANID(tagControlInformation: tci), type: type, priority: UInt8(tci >> 13),
      isDropEligible: tci & 0x1000 != 0)
  }

  /// The 16 bits behind the tag's type.
  public var tagControlInformation: UInt16 {
    UInt16(priority & 7) << 13 | (isDropEligible ? 0x1000 : 0) | vlanID.rawValue
  }
}
