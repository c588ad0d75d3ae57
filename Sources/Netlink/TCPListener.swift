import CLinux
import Glibc
public import NetworkAddresses

/// A TCP socket that listens.
public struct TCPListener: Hashable, Sendable {
  /// The address that it is bound to; unspecified: every address.
  public var address: IPAddress
  /// Its port.
  public var port: UInt16

  /// Reads `struct inet_diag_msg` (include/uapi/linux/inet_diag.h); `nil` when it is cut off or of another family.
  init?(_ message: Message) {
    let isIPv4: Bool
    switch message.payload.integer(at: 0, as: UInt8.self).map(Int32.init) {
    case AF_INET: isIPv4 = true
    case AF_INET6: isIPv4 = false
    default: return nil
    }
    guard let port = message.payload.integer(at: 4, as: UInt16.self),
      let address = IPAddress(octets: message.payload.dropping(8).slice.prefix(isIPv4 ? 4 : 16))
    else { return nil }
    self.address = address
    self.port = UInt16(bigEndian: port)
  }
}

extension NetlinkSocket {
  /// Every TCP socket of the namespace that listens, from a socket of the subsystem `sockets`: without a walk through the
  /// table of all connections of the machine, which whoever reads /proc/net/tcp makes wait for (sock_diag(7)).
  ///
  /// - Throws: `ENOENT` where the kernel has no tcp_diag.
  public func tcpListeners() throws(NetlinkError) -> [TCPListener] {
    var listeners: [TCPListener] = []
    for family in [AF_INET, AF_INET6] {
      var request = MessageBuilder(type: Int(SOCK_DIAG_BY_FAMILY), flags: NLM_F_REQUEST | NLM_F_DUMP)
      // struct inet_diag_req_v2: which family and protocol, no extensions, in which states, whatever the addresses.
      request.append(UInt8(family))
      request.append(UInt8(IPPROTO_TCP))
      request.append(UInt16(0))
      request.append(UInt32(1) << UInt32(TCP_LISTEN))
      request.appendZeros(48)
      listeners += try dump(request, "list the sockets that listen") {
        $0.type == Int(SOCK_DIAG_BY_FAMILY) ? TCPListener($0) : nil
      }
    }
    return listeners
  }
}
