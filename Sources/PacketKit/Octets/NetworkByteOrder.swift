import NetworkAddresses

extension [UInt8] {
  /// Appends a number, most significant octet first.
  mutating func append<Value: FixedWidthInteger & UnsignedInteger>(bigEndian value: Value) {
    for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value >> Value(shift)))
    }
  }

  /// Overwrites the two octets at `offset`, most significant first.
  mutating func set(_ value: UInt16, at offset: Int) {
    self[offset] = UInt8(value >> 8)
    self[offset + 1] = UInt8(value & 0xff)
  }

  /// Appends zeros until the count is a multiple of `boundary`.
  mutating func pad(to boundary: Int) {
    append(contentsOf: repeatElement(0, count: (boundary - count % boundary) % boundary))
  }

  /// Appends an IPv4 address.
  mutating func append(ipv4 address: IPAddress, _ layer: Layer) throws(BuildError) {
    guard address.isIPv4 else { throw .wrongAddressFamily(layer) }
    self += address.octets
  }

  /// Appends an IPv6 address.
  mutating func append(ipv6 address: IPAddress, _ layer: Layer) throws(BuildError) {
    guard !address.isIPv4 else { throw .wrongAddressFamily(layer) }
    self += address.octets
  }
}
