/// What an Ethernet frame carries behind its header and tags.
public enum EthernetContent: Hashable, Sendable {
  case arp(ARPPacket)
  case ipv4(IPv4Packet)
  case ipv6(IPv6Packet)
  /// A frame whose type field is a length (IEEE 802.3, 3.2.6).
  case llc(LLCFrame)
  /// A protocol that PacketKit does not read.
  case other(EtherType, [UInt8])
  /// A protocol, a tag or a length whose octets cannot be read, and why.
  case unreadable(ParseFailure, EtherType, octets: [UInt8])
}

extension EthernetContent {
  /// Reads what follows a type field; the second value is what the protocol's own length leaves over.
  static func parse(_ type: EtherType, _ octets: ArraySlice<UInt8>) -> (
    EthernetContent, trailer: ArraySlice<UInt8>
  ) {
    do throws(ParseFailure) {
      switch type {
      case .arp:
        let (packet, rest) = try ARPPacket.parse(octets)
        return (.arp(packet), rest)
      case .ipv4:
        let (packet, rest) = try IPv4Packet.parse(octets)
        return (.ipv4(packet), rest)
      case .ipv6:
        let (packet, rest) = try IPv6Packet.parse(octets)
        return (.ipv6(packet), rest)
      case .customerTag, .serviceTag:
        throw .truncated(.vlanTag, needed: 4, available: octets.count)
      case _ where Int(type.rawValue) <= EtherType.largestLength:
        let (frame, rest) = try LLCFrame.parse(octets, length: Int(type.rawValue))
        return (.llc(frame), rest)
      case _ where Int(type.rawValue) < EtherType.smallestType:
        throw .unexpected(.ethernet, field: "length or type", value: Int(type.rawValue))
      default:
        return (.other(type, Array(octets)), [])
      }
    } catch {
      return (.unreadable(error, type, octets: Array(octets)), [])
    }
  }

  /// The type field and what follows it.
  func wireForm() throws(BuildError) -> (type: UInt16, octets: [UInt8]) {
    switch self {
    case .arp(let packet): (EtherType.arp.rawValue, try packet.octets())
    case .ipv4(let packet): (EtherType.ipv4.rawValue, try packet.octets())
    case .ipv6(let packet): (EtherType.ipv6.rawValue, try packet.octets())
    case .llc(let frame): (try frame.lengthField(), frame.octets())
    case .other(let type, let octets), .unreadable(_, let type, let octets): (type.rawValue, octets)
    }
  }
}
