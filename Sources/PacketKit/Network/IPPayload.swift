/// What an IP packet carries behind its header, options and extension headers.
public enum IPPayload: Hashable, Sendable {
  case icmpv4(ICMPv4Message)
  case icmpv6(ICMPv6Message)
  case udp(UDPDatagram)
  case tcp(TCPSegment)
  /// A fragment that is not the first: octets from the middle of a payload.
  case fragment(IPProtocol, [UInt8])
  /// A protocol that PacketKit does not read.
  case other(IPProtocol, [UInt8])
  /// A protocol whose octets cannot be read, and why.
  case unreadable(ParseFailure, IPProtocol, octets: [UInt8])
}

extension IPPayload {
  /// The number of the protocol.
  public var `protocol`: IPProtocol {
    switch self {
    case .icmpv4: .icmpv4
    case .icmpv6: .icmpv6
    case .udp: .udp
    case .tcp: .tcp
    case .fragment(let number, _), .other(let number, _), .unreadable(_, let number, _): number
    }
  }

  /// Reads what follows the IP headers.
  static func parse(_ number: IPProtocol, _ octets: ArraySlice<UInt8>, _ context: TransportContext)
    -> IPPayload
  {
    do throws(ParseFailure) {
      switch number {
      case .icmpv4: return .icmpv4(try ICMPv4Message(octets, isWhole: context.isWhole))
      case .icmpv6: return .icmpv6(try ICMPv6Message(octets, context))
      case .udp: return .udp(try UDPDatagram(octets, context))
      case .tcp: return .tcp(try TCPSegment(octets, context))
      default: return .other(number, Array(octets))
      }
    } catch {
      return .unreadable(error, number, octets: Array(octets))
    }
  }

  /// The octets on the wire.
  func octets(_ header: PseudoHeader) throws(BuildError) -> [UInt8] {
    switch self {
    case .icmpv4(let message): message.octets()
    case .icmpv6(let message): try message.octets(header)
    case .udp(let datagram): try datagram.octets(header)
    case .tcp(let segment): try segment.octets(header)
    case .fragment(_, let octets), .other(_, let octets), .unreadable(_, _, let octets): octets
    }
  }
}
