/// A VLAN identifier (IEEE 802.1Q, 9.6): 12 bits, of which 0 means "priority tag, no VLAN".
public struct VLANID: Hashable, Comparable, Sendable {
  /// The identifier, 0 to 4095.
  public let rawValue: UInt16

  /// Makes an identifier; `nil` above 4095.
  public init?(_ rawValue: UInt16) {
    guard rawValue < 4096 else { return nil }
    self.rawValue = rawValue
  }

  /// Takes the low 12 bits of a tag control information field, whose upper four are priority and DEI.
  public init(tagControlInformation tci: UInt16) {
    rawValue = tci & 0x0fff
  }

  /// Whether it is 0: the tag gives a priority, and the frame belongs to no VLAN.
  public var isPriorityTag: Bool { rawValue == 0 }

  /// Orders identifiers by number.
  public static func < (left: VLANID, right: VLANID) -> Bool { left.rawValue < right.rawValue }
}

extension VLANID: CustomStringConvertible {
  /// The number in decimal.
  public var description: String { String(rawValue) }
}

extension VLANID: Codable {
  /// Reads a number from 0 to 4095.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number = try container.decode(UInt16.self)
    guard let vlanID = VLANID(number) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a VLAN ID: \(number)")
    }
    self = vlanID
  }

  /// Writes the number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
