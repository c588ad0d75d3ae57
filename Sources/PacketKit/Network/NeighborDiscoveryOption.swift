public import NetworkAddresses

/// An option of Neighbor Discovery (RFC 4861, 4.6).
public enum NeighborDiscoveryOption: Hashable, Sendable {
  /// 1: the sender's link-layer address.
  case sourceLinkLayerAddress(MACAddress)
  /// 2: the target's link-layer address.
  case targetLinkLayerAddress(MACAddress)
  /// 3.
  case prefixInformation(PrefixInformation)
  /// 5: the link's MTU, in octets.
  case mtu(UInt32)
  /// Any other type; the data behind the length is 6 octets and more in units of 8.
  case other(type: UInt8, data: [UInt8])
}

extension NeighborDiscoveryOption {
  static func list(_ reader: inout OctetReader) throws(ParseFailure) -> [NeighborDiscoveryOption] {
    var options: [NeighborDiscoveryOption] = []
    while !reader.rest.isEmpty {
      let type = try reader.integer(UInt8.self)
      let units = try reader.integer(UInt8.self)
      // RFC 4861, 4.6: a message with a length of 0 is discarded.
      guard units > 0 else { throw .unexpected(.neighborDiscovery, field: "option length", value: 0) }
      options.append(NeighborDiscoveryOption(type: type, try reader.take(8 * Int(units) - 2)))
    }
    return options
  }

  /// An option whose octets a named case would not repeat, such as one with reserved bits set, stays `other`.
  private init(type: UInt8, _ data: ArraySlice<UInt8>) {
    let other = NeighborDiscoveryOption.other(type: type, data: Array(data))
    let named: NeighborDiscoveryOption? =
      switch type {
      case 1: MACAddress(octets: data).map { .sourceLinkLayerAddress($0) }
      case 2: MACAddress(octets: data).map { .targetLinkLayerAddress($0) }
      case 3: PrefixInformation(data).map { .prefixInformation($0) }
      case 5 where data.count == 6: .mtu(data.suffix(4).reduce(0) { $0 << 8 | UInt32($1) })
      default: nil
      }
    self = named.flatMap { $0.data == other.data ? $0 : nil } ?? other
  }

  private var type: UInt8 {
    switch self {
    case .sourceLinkLayerAddress: 1
    case .targetLinkLayerAddress: 2
    case .prefixInformation: 3
    case .mtu: 5
    case .other(let type, _): type
    }
  }

  private var data: [UInt8] {
    switch self {
    case .sourceLinkLayerAddress(let address), .targetLinkLayerAddress(let address): return address.octets
    case .prefixInformation(let information): return information.octets
    case .mtu(let mtu):
      var octets: [UInt8] = [0, 0]
      octets.append(bigEndian: mtu)
      return octets
    case .other(_, let data): return data
    }
  }

  /// The option on the wire, filled up with zeros to a multiple of 8 octets.
  func octets() throws(BuildError) -> [UInt8] {
    var octets = [type, 0] + data
    octets.pad(to: 8)
    octets[1] = UInt8(
      try BuildError.length(octets.count / 8, "option length", of: .neighborDiscovery, limit: 255))
    return octets
  }
}
