import Glibc
public import LinuxNamespaces
import NetworkAddresses
import PacketKit
import SystemPackage
public import TraceModel

/// Sends probes from one station to an address and hears what becomes of them.
///
/// Its sockets are made in the station's namespace and used outside: no thread stays there.
public struct Prober: ~Copyable {
  /// What became of those that were sent, in order.
  public private(set) var probes: [Probe] = []
  private let namespace: NetworkNamespace?
  private let target: ProbeTarget
  /// For ICMP and UDP the one of all probes; for TCP one for each.
  private var sockets: [ProbeSocket] = []
  /// What the kernel took the way to carry when the first probe was sent: what is learned meanwhile must not end a search.
  private var largestSize: Int?
  private let identifier = UInt16.random(in: 1...UInt16.max)

  /// Prepares.
  ///
  /// - Parameter namespace: where to send from; `nil`: the calling thread's.
  public init(_ target: ProbeTarget, in namespace: NetworkNamespace?) {
    self.target = target
    self.namespace = namespace
  }

  /// Sends the next probe. That the sender's own kernel refuses is an outcome as any other.
  ///
  /// - Parameter size: the packet's length in octets with the IP header, which nobody may cut into fragments; `nil`: a
  ///   small one. TCP has no probes of a size.
  /// - Throws: `NamespaceError` when the namespace cannot be entered; `Errno` when there is no privilege for ICMP.
  public mutating func send(size: Int? = nil) throws {
    let index = probes.count
    probes.append(Probe(sent: MonotonicClock.now(), size: size))
    let socket: ProbeSocket
    do {
      socket = try self.socket()
    } catch ProbeSocket.Failure.noWay(let errno) {
      return end(index, errno == .connectionRefused ? .refused : .failed(errno.symbol))
    } catch ProbeSocket.Failure.refused(let errno) {
      throw errno
    }
    do throws(Errno) {
      if largestSize == nil { largestSize = pathMTU }
      try socket.send(request(index, size: size))
    } catch {
      if error == .messageTooLong {
        // The queue of errors has it, too, and with it the size that fits.
        return end(index, socket.deliveryError()?.outcome ?? .tooBig(mtu: 0))
      }
      // EPERM here is no want of privilege: the sender's own packet filter refused.
      end(index, error == .connectionRefused ? .refused : .failed(error.symbol))
    }
  }

  private mutating func socket() throws -> ProbeSocket {
    if target.protocol != .tcp, let socket = sockets.first { return socket }
    let target = target
    let make = { @Sendable () throws -> ProbeSocket in
      try ProbeSocket(
        target.protocol, from: target.source, to: target.address, port: target.port ?? 0, scope: target.scope)
    }
    let socket = try namespace?.run(make) ?? make()
    sockets.append(socket)
    if target.protocol == .tcp { connections.append(Connection(probe: probes.count - 1)) }
    if let hops = target.hopLimit, target.protocol != .tcp { try socket.limitHops(to: hops) }
    return socket
  }

  /// What a TCP socket is for, and how far it came.
  private struct Connection {
    let probe: Int
    /// Whether its data is on its way, for a target that sends it back.
    var isAsked = false
  }

  /// Those of the sockets, for TCP.
  private var connections: [Connection] = []

  /// What an outcome is told by: an echo request, or a datagram that says what it is.
  private func request(_ index: Int, size: Int?) -> [UInt8] {
    let headers = (target.address.isIPv4 ? 20 : 40) + 8
    let filling = [UInt8](repeating: 0x6d, count: min(max((size ?? 0) - headers, 0), 65_000))
    var payload = Array("macvtrace probe".utf8)
    if target.protocol != .icmp { payload += Array(" \(identifier).\(index)".utf8) }
    if size != nil {
      payload = Array(payload.prefix(filling.count)) + filling.dropFirst(payload.count)
    }
    guard target.protocol == .icmp else { return payload }
    let echo = ICMPEcho(identifier: identifier, sequence: UInt16(truncatingIfNeeded: index), payload: payload)
    if target.address.isIPv4 { return ICMPv4Message(type: 8, .echo(echo)).octets() }
    // The kernel puts the checksum in (RFC 3542, 3.1).
    return [128, 0, 0, 0] + bigEndian(identifier) + bigEndian(echo.sequence) + payload
  }

  private func bigEndian(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }

  /// Waits until something happens or the time is over, and takes up what is known by then.
  ///
  /// - Parameter timeout: in milliseconds.
  public mutating func hear(timeout: Int32) {
    var wanted = sockets.enumerated().filter { target.protocol != .tcp || isOpen($0.offset) }
      .map { pollfd(fd: $0.element.descriptor, events: events($0.offset), revents: 0) }
    _ = poll(&wanted, nfds_t(wanted.count), timeout)
    for index in sockets.indices {
      if target.protocol == .tcp { hearStream(index) } else { hearDatagrams(sockets[index]) }
    }
  }

  private func isOpen(_ socket: Int) -> Bool { probes[connections[socket].probe].ended == nil }

  /// What poll(2) waits for.
  private func events(_ socket: Int) -> Int16 {
    Int16(target.protocol == .tcp && !connections[socket].isAsked ? POLLOUT : POLLIN)
  }

  private mutating func hearStream(_ index: Int) {
    guard isOpen(index) else { return }
    let socket = sockets[index]
    let probe = connections[index].probe
    do throws(Errno) {
      guard try socket.isConnected() == true else { return }
      guard target.isEchoed else { return end(probe, .answered) }
      let asked = request(probe, size: nil)
      if !connections[index].isAsked {
        try socket.write(asked)
        connections[index].isAsked = true
      }
      guard let answer = try socket.receive() else { return }
      end(probe, answer == asked ? .answered : .failed(Errno.connectionReset.symbol))
      socket.end()
    } catch {
      end(
        probe,
        error == .connectionRefused ? .refused : socket.deliveryError()?.outcome ?? .failed(error.symbol))
    }
  }

  private mutating func hearDatagrams(_ box: ProbeSocket) {
    while let error = box.deliveryError() { end(error) }
    while true {
      do throws(Errno) {
        guard let octets = try box.receive() else { return }
        answer(octets)
      } catch {
        // The queue of errors says more; without it the error itself counts.
        if let queued = box.deliveryError() {
          end(queued)
        } else {
          endOldest(error == .connectionRefused ? .refused : .failed(error.symbol))
        }
      }
    }
  }

  /// The packet that came back says which one it was; without it the oldest is meant.
  private mutating func end(_ error: ProbeSocket.DeliveryError) {
    let octets = error.packet
    guard target.protocol == .icmp, octets.count >= 8 else { return endOldest(error.outcome) }
    guard UInt16(octets[4]) << 8 | UInt16(octets[5]) == identifier else { return }
    end(Int(octets[6]) << 8 | Int(octets[7]), error.outcome)
  }

  /// The largest packet, in octets with the IP header, that the sender's kernel takes the way to carry; `nil` before the
  /// first probe was sent, with TCP, and where the kernel does not know.
  public var pathMTU: Int? { target.protocol == .tcp ? nil : sockets.first?.pathMTU }

  /// One that asks the same target for echoes of sizes, beside what is asked with TCP or UDP.
  public func companion() -> Prober {
    var target = target
    target.protocol = .icmp
    target.port = nil
    return Prober(target, in: namespace)
  }

  /// Prepares the socket: what its kernel takes the way to carry is known then.
  public mutating func prepare() {
    guard target.protocol == .icmp, largestSize == nil, (try? socket()) != nil else { return }
    largestSize = pathMTU
  }

  /// How to find out which sizes get through; `nil` while the largest that may be sent is not known.
  public var sizeSearch: SizeSearch? {
    largestSize.map {
      SizeSearch(
        from: (target.address.isIPv4 ? 20 : 40) + 8 + 15, to: min($0, 65_000),
        isSmallestKnown: probes.contains { $0.size == nil })
    }
  }

  private mutating func answer(_ octets: [UInt8]) {
    guard target.protocol == .icmp else { return endOldest(.answered) }
    // Type, code, checksum, identifier, sequence number.
    guard octets.count >= 8, octets[0] == (target.address.isIPv4 ? 0 : 129),
      UInt16(octets[4]) << 8 | UInt16(octets[5]) == identifier
    else { return }
    // A raw socket hears IPv4 before the kernel has looked at the checksum (net/ipv4/ip_input.c).
    if target.address.isIPv4, !Checksum.isCorrect(over: octets) { return }
    end(Int(octets[6]) << 8 | Int(octets[7]), .answered)
  }

  /// Which probe an error belongs to is not told: they end in the order in which they were sent.
  private mutating func endOldest(_ outcome: ProbeOutcome) {
    if let index = probes.firstIndex(where: { $0.ended == nil }) { end(index, outcome) }
  }

  private mutating func end(_ index: Int, _ outcome: ProbeOutcome) {
    guard probes.indices.contains(index), probes[index].ended == nil else { return }
    probes[index].ended = MonotonicClock.now()
    probes[index].outcome = outcome
  }
}
