public import LinuxNamespaces
import Netlink
public import NetworkAddresses
import SystemPackage

/// Two stations and the way between them, in namespaces that nobody else sees and that are gone with this value, or with
/// this process.
public final class ScratchWay: Sendable {
  /// One end.
  public struct End: Sendable {
    /// Where the station lives.
    public let namespace: NetworkNamespace
    /// Where it is reached.
    public let address: IPAddress
  }

  /// The octets of the longest packet, on every way: else the loopback interface would carry 65,536 at a time.
  public static let mtu: UInt32 = 1500

  /// What the two are connected by.
  public let kind: WayKind
  /// The station that sends.
  public let near: End
  /// The station that loads go to.
  public let far: End
  /// Where the interface below the two stands, or the bridge between.
  private let middle: NetworkNamespace?

  /// The addresses that RFC 2544 (C.2.2) keeps for measuring.
  private static let addresses: [IPAddress] = [.v4(0xc612_0001), .v4(0xc612_0002)]

  /// Builds the way.
  ///
  /// - Throws: `LabError` with errno 95 where the kernel lacks the kind.
  public init(_ kind: WayKind) throws {
    self.kind = kind
    if kind == .host {
      let namespace = try NetworkNamespace.unnamed()
      let socket = try NetlinkSocket(in: namespace)
      let loopback = try socket.link(named: "lo").ifindex
      try socket.setMTU(loopback, Self.mtu)
      try socket.setUp(loopback, true)
      for address in Self.addresses { try socket.addAddress(loopback, IPPrefix(host: address)) }
      near = End(namespace: namespace, address: Self.addresses[0])
      far = End(namespace: namespace, address: Self.addresses[1])
      middle = nil
      return
    }
    let middle = try NetworkNamespace.unnamed()
    let ends = try Self.addresses.map { End(namespace: try NetworkNamespace.unnamed(), address: $0) }
    self.middle = middle
    near = ends[0]
    far = ends[1]
    do {
      let socket = try NetlinkSocket(in: middle)
      if kind == .bridge {
        try Self.bridge(ends, socket)
      } else {
        try Self.share(ends, socket, kind)
      }
      for end in ends {
        let inside = try NetlinkSocket(in: end.namespace)
        let index = try inside.link(named: "eth0").ifindex
        try inside.addAddress(index, IPPrefix(host: end.address))
        try inside.setUp(index, true)
        for other in ends where other.address != end.address {
          try inside.addRoute(RouteSpecification(to: IPPrefix(host: other.address), ifindex: index))
        }
      }
    } catch let error as NetlinkError where error.errno == .notSupported {
      throw LabError(missing: ["\(kind.rawValue) (module \(kind.rawValue))"])
    }
  }

  private static func bridge(_ ends: [End], _ socket: NetlinkSocket) throws {
    try socket.createBridge(LinkSpecification("br0", mtu: mtu))
    let bridge = try socket.link(named: "br0").ifindex
    try socket.setUp(bridge, true)
    for (number, end) in ends.enumerated() {
      let port = "port\(number)"
      try socket.createVeth(
        LinkSpecification(port, mtu: mtu), LinkSpecification("eth0", mtu: mtu, namespace: end.namespace))
      let index = try socket.link(named: port).ifindex
      try socket.setMaster(index, bridge)
      try socket.setUp(index, true)
    }
  }

  private static func share(_ ends: [End], _ socket: NetlinkSocket, _ kind: WayKind) throws {
    try socket.createVeth(LinkSpecification("ens33", mtu: mtu), LinkSpecification("port", mtu: mtu))
    let parent = try socket.link(named: "ens33").ifindex
    try socket.setUp(parent, true)
    try socket.setUp(try socket.link(named: "port").ifindex, true)
    for end in ends {
      let child = LinkSpecification("eth0", mtu: mtu, namespace: end.namespace)
      if kind == .ipvlan {
        try socket.createIpvlan(child, parent: parent, mode: .l2)
      } else {
        try socket.createMacvlan(child, parent: parent, mode: .bridge)
      }
    }
  }
}
