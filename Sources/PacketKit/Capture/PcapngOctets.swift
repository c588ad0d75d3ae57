/// Octets of a pcapng file in the byte order of its section; every read is checked.
struct PcapngOctets {
  let octets: ArraySlice<UInt8>
  let isBigEndian: Bool

  /// The number at an offset; `nil` when it does not lie inside.
  func integer<Value: FixedWidthInteger & UnsignedInteger>(at offset: Int, _ type: Value.Type = Value.self)
    -> Value?
  {
    let size = Value.bitWidth / 8
    guard offset >= 0, offset <= octets.count - size else { return nil }
    let field = octets.dropFirst(offset).prefix(size)
    let value = field.reduce(Value(0)) { $0 << 8 | Value($1) }
    return isBigEndian ? value : value.byteSwapped
  }

  /// The octets from an offset on.
  func dropping(_ count: Int) -> PcapngOctets {
    PcapngOctets(octets: octets.dropFirst(count), isBigEndian: isBigEndian)
  }

  /// The first octets.
  func prefix(_ count: Int) -> PcapngOctets {
    PcapngOctets(octets: octets.prefix(count), isBigEndian: isBigEndian)
  }

  /// The options that these octets are; stops at the end of options, and where a length lies.
  var options: [(code: UInt16, value: PcapngOctets)] {
    var options: [(code: UInt16, value: PcapngOctets)] = []
    var rest = self
    while let code: UInt16 = rest.integer(at: 0), let length: UInt16 = rest.integer(at: 2),
      code != PcapngCode.Option.endOfOptions, Int(length) <= rest.octets.count - 4
    {
      options.append((code, rest.dropping(4).prefix(Int(length))))
      rest = rest.dropping(4 + (Int(length) + 3) & ~3)
    }
    return options
  }

  /// The text; what is no UTF-8 is replaced.
  var text: String { String(decoding: octets, as: UTF8.self) }
}
