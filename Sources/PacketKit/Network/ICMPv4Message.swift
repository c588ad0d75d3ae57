/// An ICMP message (RFC 792).
public struct ICMPv4Message: Hashable, Sendable {
  /// What follows the checksum.
  public enum Content: Hashable, Sendable {
    /// Echo request and reply.
    case echo(ICMPEcho)
    /// Destination unreachable, source quench, redirect, time exceeded, parameter problem.
    case error(ICMPError)
    /// A type that PacketKit does not read.
    case other([UInt8])
    /// Octets that cannot be read, and why.
    case unreadable(ParseFailure, octets: [UInt8])
  }

  /// The type, which says what `content` is on the wire.
  public var type: UInt8
  /// The code.
  public var code: UInt8
  /// The message's checksum.
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

  /// Type 8.
  public static func echoRequest(_ echo: ICMPEcho) -> ICMPv4Message { ICMPv4Message(type: 8, .echo(echo)) }
  /// Type 0.
  public static func echoReply(_ echo: ICMPEcho) -> ICMPv4Message { ICMPv4Message(type: 0, .echo(echo)) }
  /// Type 3, code 4: the next hop takes packets of `mtu` octets at most (RFC 1191, 4).
  public static func fragmentationNeeded(mtu: UInt16, original: [UInt8]) -> ICMPv4Message {
    ICMPv4Message(type: 3, code: 4, .error(ICMPError(parameter: UInt32(mtu), original: original)))
  }
}

extension ICMPv4Message {
  init(_ octets: ArraySlice<UInt8>, isWhole: Bool) throws(ParseFailure) {
    var reader = OctetReader(octets, .icmpv4)
    try reader.require(4)
    type = try reader.integer()
    code = try reader.integer()
    checksum = Checksum(try reader.integer(), isWhole: isWhole) {
      var sum = InternetChecksum()
      sum.add(octets)
      return sum
    }
    let body = Array(reader.rest)
    do throws(ParseFailure) {
      switch type {
      case 0, 8: content = .echo(try ICMPEcho(&reader))
      case 3, 4, 5, 11, 12: content = .error(try ICMPError(&reader))
      default: content = .other(body)
      }
    } catch {
      content = .unreadable(error, octets: body)
    }
  }

  /// The octets on the wire, from the type to the end of the content.
  public func octets() -> [UInt8] {
    let body =
      switch content {
      case .echo(let echo): echo.octets
      case .error(let error): error.octets
      case .other(let octets), .unreadable(_, let octets): octets
      }
    var octets = [type, code, 0, 0] + body
    octets.set(
      checksum.field {
        var sum = InternetChecksum()
        sum.add(octets)
        return sum.value
      }, at: 2)
    return octets
  }
}
