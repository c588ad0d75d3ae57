import NetworkAddresses

/// What the checksums of transports cover besides their own octets (RFC 9293, 3.1; RFC 8200, 8.1).
struct PseudoHeader {
  var source: IPAddress
  /// The last destination, where a routing header has more than one.
  var destination: IPAddress

  /// Begins the sum for a packet of `length` octets.
  func checksum(_ protocol: IPProtocol, length: Int) -> InternetChecksum {
    var sum = InternetChecksum()
    sum.add(source.octets)
    sum.add(destination.octets)
    sum.add(UInt32(`protocol`.rawValue))
    sum.add(UInt32(truncatingIfNeeded: length))
    return sum
  }

  /// The field's number for `octets`, whose own checksum field is zero.
  func checksum(_ protocol: IPProtocol, over octets: [UInt8]) -> UInt16 {
    var sum = checksum(`protocol`, length: octets.count)
    sum.add(octets)
    return sum.value
  }
}

/// Where a transport's octets come from: how its checksum and its length are to be judged.
struct TransportContext {
  /// The addresses that the checksum covers; `nil` when they are not known.
  var pseudoHeader: PseudoHeader?
  /// Whether these are all the octets of the IP packet's payload: no fragment, and nothing cut off.
  var isWhole: Bool

  /// Judges the checksum field of `octets`; covers the pseudo-header.
  func judge(_ value: UInt16, _ protocol: IPProtocol, _ octets: ArraySlice<UInt8>) -> Checksum {
    guard let pseudoHeader else { return .unverified(value) }
    return Checksum(value, isWhole: isWhole) {
      var sum = pseudoHeader.checksum(`protocol`, length: octets.count)
      sum.add(octets)
      return sum
    }
  }
}
