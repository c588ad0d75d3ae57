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
  /// - Throws: `NamespaceError` when the namespace cannot be entered; `Errno` when there is no privilege for ICMP.
  public mutating func send() throws {
    let index = probes.count
    probes.append(Probe(sent: MonotonicClock.now()))
    let socket: ProbeSocket
    do {
      socket = try self.socket()
    } catch let errno as Errno where errno != .notPermitted || target.protocol != .icmp {
      return end(index, errno == .connectionRefused ? .refused : .failed(errno.symbol))
    }
    do throws(Errno) {
      try socket.send(request(index))
    } catch {
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
    if target.protocol == .tcp { owners.append(probes.count - 1) }
    return socket
  }

  /// The probes of the sockets, for TCP.
  private var owners: [Int] = []

  /// What an outcome is told by: an echo request, or a datagram that says what it is.
  private func request(_ index: Int) -> [UInt8] {
    let payload = Array("macvtrace probe".utf8)
    guard target.protocol == .icmp else { return payload + Array(" \(identifier).\(index)".utf8) }
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
      .map { pollfd(fd: $0.element.descriptor, events: $0.element.events, revents: 0) }
    _ = poll(&wanted, nfds_t(wanted.count), timeout)
    for index in sockets.indices {
      if target.protocol == .tcp { hearStream(index) } else { hearDatagrams(sockets[index]) }
    }
  }

  private func isOpen(_ socket: Int) -> Bool { probes[owners[socket]].ended == nil }

  private mutating func hearStream(_ index: Int) {
    guard isOpen(index) else { return }
    let socket = sockets[index]
    do throws(Errno) {
      if try socket.isConnected() == true { end(owners[index], .answered) }
    } catch {
      end(
        owners[index],
        error == .connectionRefused ? .refused : socket.deliveryError() ?? .failed(error.symbol))
    }
  }

  private mutating func hearDatagrams(_ box: ProbeSocket) {
    while let outcome = box.deliveryError() { endOldest(outcome) }
    while true {
      do throws(Errno) {
        guard let octets = try box.receive() else { return }
        answer(octets)
      } catch {
        // The queue of errors says more; without it the error itself counts.
        endOldest(box.deliveryError() ?? (error == .connectionRefused ? .refused : .failed(error.symbol)))
      }
    }
  }

  private mutating func answer(_ octets: [UInt8]) {
    guard target.protocol == .icmp else { return endOldest(.answered) }
    // Type, code, checksum, identifier, sequence number.
    guard octets.count >= 8, octets[0] == (target.address.isIPv4 ? 0 : 129),
      UInt16(octets[4]) << 8 | UInt16(octets[5]) == identifier
    else { return }
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
