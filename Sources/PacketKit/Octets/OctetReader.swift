import NetworkAddresses

/// Reads a layer's octets in network byte order from front to back; every read is checked.
struct OctetReader {
  private let layer: Layer
  private let octets: ArraySlice<UInt8>
  private var position: Int

  /// Begins at the front of `octets`, which all belong to `layer`.
  init(_ octets: ArraySlice<UInt8>, _ layer: Layer) {
    self.layer = layer
    self.octets = octets
    position = octets.startIndex
  }

  /// The octets that were not yet read.
  var rest: ArraySlice<UInt8> { octets[position...] }

  /// Throws unless `count` more octets are there.
  func require(_ count: Int) throws(ParseFailure) {
    guard count <= octets.endIndex - position else {
      throw .truncated(layer, needed: position - octets.startIndex + count, available: octets.count)
    }
  }

  /// The next `count` octets.
  mutating func take(_ count: Int) throws(ParseFailure) -> ArraySlice<UInt8> {
    try require(count)
    defer { position += count }
    return octets[position..<position + count]
  }

  /// The next number, most significant octet first.
  mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(_ type: Value.Type = Value.self)
    throws(ParseFailure) -> Value
  {
    try take(Value.bitWidth / 8).reduce(0) { $0 << 8 | Value($1) }
  }

  /// The next six octets as an address.
  mutating func macAddress() throws(ParseFailure) -> MACAddress {
    MACAddress(rawValue: try take(6).reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// The next four octets as an address.
  mutating func ipv4Address() throws(ParseFailure) -> IPAddress { .v4(try integer()) }

  /// The next sixteen octets as an address.
  mutating func ipv6Address() throws(ParseFailure) -> IPAddress {
    try require(16)
    return .v6(high: try integer(), low: try integer())
  }
}
