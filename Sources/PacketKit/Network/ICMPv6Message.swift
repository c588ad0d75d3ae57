/// An ICMPv6 message (RFC 4443).
public struct ICMPv6Message: Hashable, Sendable {
  /// What follows the checksum.
  public enum Content: Hashable, Sendable {
    /// Echo request and reply.
    case echo(ICMPEcho)
    /// Destination unreachable, packet too big, time exceeded, parameter problem.
    case error(ICMPError)
    /// Solicitations and advertisements of routers and neighbors.
    case neighborDiscovery(NeighborDiscovery)
    /// A type that PacketKit does not read.
    case other([UInt8])
    /// Octets that cannot be read, and why.
    case unreadable(ParseFailure, octets: [UInt8])
  }

  /// The type, which says what `content` is on the wire.
  public var type: UInt8
  /// The code.
  public var code: UInt8
  /// The checksum over the message and the addresses.
  public var checksum: Checksum
  /// What follows.
  public var content: Content

  /// Makes a message.
  public init(type: UInt8, code: UInt8 = 0, checksum: Checksum = .correct, _ content: Content) {
    self.type = type
    self.code = code
    self.checksum = checksum
    self.content = content
  }

  /// Type 128.
  public static func echoRequest(_ echo: ICMPEcho) -> ICMPv6Message { ICMPv6Message(type: 128, .echo(echo)) }
  /// Type 129.
  public static func echoReply(_ echo: ICMPEcho) -> ICMPv6Message { ICMPv6Message(type: 129, .echo(echo)) }
  /// Type 2: the next link takes packets of `mtu` octets at most (RFC 4443, 3.2).
  public static func packetTooBig(mtu: UInt32, original: [UInt8]) -> ICMPv6Message {
    ICMPv6Message(type: 2, .error(ICMPError(parameter: mtu, original: original)))
  }
  /// Types 133 to 136; the packet's hop limit must be 255 (RFC 4861, 6.1 and 7.1).
  public static func neighborDiscovery(_ message: NeighborDiscovery) -> ICMPv6Message {
    ICMPv6Message(type: message.type, .neighborDiscovery(message))
  }
}

extension ICMPv6Message {
  init(_ octets: ArraySlice<UInt8>, _ context: TransportContext) throws(ParseFailure) {
    var reader = OctetReader(octets, .icmpv6)
    try reader.require(4)
    type = try reader.integer()
    code = try reader.integer()
    checksum = context.judge(try reader.integer(), .icmpv6, octets)
    let body = reader.rest
    do throws(ParseFailure) {
      switch type {
      case 1...4: content = .error(try ICMPError(&reader))
      case 128, 129: content = .echo(try ICMPEcho(&reader))
      case 133...136: content = .neighborDiscovery(try NeighborDiscovery(type: type, body))
      default: content = .other(Array(body))
      }
    } catch {
      content = .unreadable(error, octets: Array(body))
    }
  }

  func octets(_ header: PseudoHeader) throws(BuildError) -> [UInt8] {
    let body =
      switch content {
      case .echo(let echo): echo.octets
      case .error(let error): error.octets
      case .neighborDiscovery(let message): try message.octets()
      case .other(let octets), .unreadable(_, let octets): octets
      }
    var octets = [type, code, 0, 0] + body
    octets.set(checksum.field { header.checksum(.icmpv6, over: octets) }, at: 2)
    return octets
  }
}
