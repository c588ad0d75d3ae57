import CLinux
import Glibc
import LinuxNamespaces
import NetworkAddresses
import PacketKit
import SystemPackage
import TraceModel

/// A connected socket by which probes are sent and their outcomes are heard.
final class ProbeSocket: Sendable {
  let descriptor: CInt
  private let kind: ProbeProtocol
  private let isIPv4: Bool

  /// Why there is no socket.
  enum Failure: Error {
    /// This process may not make one: `EPERM` without CAP_NET_RAW.
    case refused(Errno)
    /// The kernel knows no way: `ENETUNREACH` without a route, `EADDRNOTAVAIL` where the source is no own address, `EPERM`
    /// where an IPsec policy blocks it.
    case noWay(Errno)
  }

  /// Makes it in the calling thread's namespace; for TCP that already sends the first segment.
  init(_ kind: ProbeProtocol, from source: IPAddress?, to target: IPAddress, port: UInt16, scope: UInt32)
    throws(Failure)
  {
    self.kind = kind
    isIPv4 = target.isIPv4
    let type: __socket_type =
      switch kind {
      case .icmp: SOCK_RAW
      case .tcp: SOCK_STREAM
      case .udp: SOCK_DGRAM
      }
    let octets = target.octets
    let own = source?.octets
    descriptor =
      if let own {
        clinux_probe_socket(CInt(type.rawValue), own, octets, CInt(octets.count), port, scope)
      } else {
        clinux_probe_socket(CInt(type.rawValue), nil, octets, CInt(octets.count), port, scope)
      }
    if descriptor < 0 {
      let errno = Errno(rawValue: errno)
      throw descriptor == -2 ? .refused(errno) : .noWay(errno)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Sends a datagram; a stream has sent its first segment already.
  func send(_ octets: [UInt8]) throws(Errno) {
    guard kind != .tcp else { return }
    if Glibc.send(descriptor, octets, octets.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) < 0 {
      throw Errno(rawValue: errno)
    }
  }

  /// Sets the TTL or hop limit of what is sent from now on.
  func limitHops(to hops: UInt8) throws(Errno) {
    var value = CInt(hops)
    let (level, name) =
      isIPv4 ? (CInt(IPPROTO_IP), CInt(IP_TTL)) : (CInt(IPPROTO_IPV6), CInt(IPV6_UNICAST_HOPS))
    if setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size)) != 0 {
      throw Errno(rawValue: errno)
    }
  }

  /// Sends on a stream that stands.
  func write(_ octets: [UInt8]) throws(Errno) {
    if Glibc.send(descriptor, octets, octets.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) < 0 {
      throw Errno(rawValue: errno)
    }
  }

  /// Says that nothing more will be sent on a stream, so that it ends as connections should.
  func end() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next datagram that came, an IPv4 header in front of an ICMP message taken off; `nil` when none is there.
  ///
  /// - Throws: an error of the socket, such as `ECONNREFUSED`.
  func receive() throws(Errno) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    guard count >= 0 else {
      if errno == EAGAIN || errno == EINTR { return nil }
      throw Errno(rawValue: errno)
    }
    var octets = buffer[..<count]
    if kind == .icmp, isIPv4, let first = octets.first { octets = octets.dropFirst(Int(first & 0xf) * 4) }
    return Array(octets)
  }

  /// Whether a stream's connection stands; `nil` while that is open.
  func isConnected() throws(Errno) -> Bool? {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&wanted, 1, 0) > 0 else { return nil }
    var cause: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &cause, &size)
    if cause != 0 { throw Errno(rawValue: cause) }
    return true
  }

  /// What is known of a packet that did not get through.
  struct DeliveryError {
    var outcome: ProbeOutcome
    /// The first octets of the packet behind its IP header, where they are told.
    var packet: [UInt8]
  }

  /// The next packet that did not get through; `nil` where nothing is known of any.
  func deliveryError() -> DeliveryError? {
    var error = clinux_delivery_error()
    guard clinux_take_delivery_error(descriptor, &error) == 0 else { return nil }
    let packet = withUnsafeBytes(of: error.head) { Array($0.prefix(Int(error.length))) }
    let outcome: ProbeOutcome
    if error.error == ECONNREFUSED {
      outcome = .refused
    } else if error.error == EMSGSIZE {
      outcome = .tooBig(mtu: error.mtu)
    } else if error.is_icmp != 0 {
      outcome = .undeliverable(type: error.type, code: error.code)
    } else {
      outcome = .failed(Errno(rawValue: error.error).symbol)
    }
    return DeliveryError(outcome: outcome, packet: packet)
  }

  /// The largest packet, in octets with the IP header, that the kernel takes the way to carry; `nil` where it does not
  /// know.
  var pathMTU: Int? {
    let mtu = clinux_path_mtu(descriptor, isIPv4 ? 1 : 0)
    return mtu > 0 ? Int(mtu) : nil
  }
}
