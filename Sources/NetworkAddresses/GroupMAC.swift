extension IPAddress {
  /// The MAC address that frames for a group have (RFC 1112, 6.4; RFC 2464, 7); `nil` for what is no group.
  public var groupMAC: MACAddress? {
    guard isMulticast else { return nil }
    switch self {
    case .v4(let value): return MACAddress(rawValue: 0x0100_5e00_0000 | UInt64(value & 0x7f_ffff))
    case .v6(_, let low): return MACAddress(rawValue: 0x3333_0000_0000 | low & 0xffff_ffff)
    }
  }
}
