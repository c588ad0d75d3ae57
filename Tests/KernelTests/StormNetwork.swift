import CLinux
import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import PacketKit
import Testing

/// A parent and the wire behind it, and children that come by the hundred and go again. Silent: only what is sent passes.
final class StormNetwork: Sendable {
  static let parent = "ens33"
  /// Who sends all frames.
  static let sender = MACAddress(rawValue: 0x0200_0000_beef)
  let host: NetworkNamespace
  let wire: NetworkNamespace
  private let parentIndex: UInt32
  private static let names = (host: Observed.prefix + "storm", wire: Observed.prefix + "wire")

  init() throws {
    host = try NetworkNamespace.create(named: Self.names.host)
    wire = try NetworkNamespace.create(named: Self.names.wire)
    for namespace in [host, wire] { try Self.silence(namespace) }
    let socket = try NetlinkSocket(in: host)
    try socket.createVeth(
      LinkSpecification(Self.parent), LinkSpecification("port", namespace: wire))
    parentIndex = try socket.link(named: Self.parent).ifindex
    try socket.setUp(parentIndex, true)
    let there = try NetlinkSocket(in: wire)
    try there.setUp(try there.link(named: "port").ifindex, true)
  }

  deinit {
    try? NetworkNamespace.delete(named: Self.names.host)
    try? NetworkNamespace.delete(named: Self.names.wire)
  }

  /// Without IPv6 nobody announces itself.
  private static func silence(_ namespace: NetworkNamespace) throws {
    for name in ["all", "default"] {
      try Sysctl.set("ipv6/conf/\(name)/disable_ipv6", to: "1", in: namespace)
    }
  }

  private static func name(_ number: Int) -> String { Observed.prefix + "s\(number)" }

  /// The address of a child: no two have the same, in whatever round.
  static func mac(_ number: Int, round: Int) -> MACAddress {
    MACAddress(rawValue: 0x0200_0010_0000 + UInt64(round) << 24 + UInt64(number))
  }

  /// Makes children, each in a namespace of its own.
  func makeChildren(_ count: Int, round: Int) throws {
    let socket = try NetlinkSocket(in: host)
    for number in 0..<count {
      let namespace = try NetworkNamespace.create(named: Self.name(number))
      try Self.silence(namespace)
      try socket.createMacvlan(
        LinkSpecification("eth0", mac: Self.mac(number, round: round), namespace: namespace),
        parent: parentIndex,
        mode: .bridge)
      let inside = try NetlinkSocket(in: namespace)
      try inside.setUp(try inside.link(named: "eth0").ifindex, true)
    }
  }

  /// Deletes their namespaces, and waits until the kernel has deleted the children with them.
  func deleteChildren(_ count: Int, round: Int) throws {
    for number in 0..<count { try NetworkNamespace.delete(named: Self.name(number)) }
    let socket = try NetlinkSocket(in: host)
    for _ in 0..<600 {
      let left = try socket.forwardingEntries().filter {
        $0.ifindex == parentIndex && $0.mac.rawValue >> 24 == Self.mac(0, round: round).rawValue >> 24
      }
      if left.isEmpty { return }
      usleep(50_000)
    }
    Issue.record(
      "children are there half a minute after their namespaces were deleted: something holds those")
  }

  /// Removes what a test that failed left behind.
  func deleteRest(_ count: Int) {
    for number in 0..<count { try? NetworkNamespace.delete(named: Self.name(number)) }
  }

  /// Sends so many frames to each child, in turn.
  func send(_ frames: Int, toEachOf count: Int, round: Int) throws {
    let payload = [UInt8](repeating: 0x5a, count: 46)
    let batches = try stride(from: 0, to: count, by: 64).map { start in
      try (start..<min(start + 64, count)).map { number in
        let frame = EthernetFrame(
          to: Self.mac(number, round: round), from: Self.sender, .other(.localExperimental, payload))
        return try frame.octets()
      }
    }
    try wire.run {
      let socket = clinux_packet_socket(Int32(try NetlinkSocket().link(named: "port").ifindex))
      try #require(socket >= 0)
      defer { close(socket) }
      for _ in 0..<frames {
        for batch in batches {
          var left = batch[...]
          while !left.isEmpty {
            let length = UInt32(batch[0].count)
            let sent = clinux_send_frames(socket, Array(left.joined()), length, UInt32(left.count))
            if sent < 0, errno == ENOBUFS || errno == EAGAIN { continue }
            try #require(sent > 0)
            left = left.dropFirst(Int(sent))
          }
        }
      }
    }
  }
}
