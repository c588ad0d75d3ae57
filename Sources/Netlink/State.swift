import CLinux
import Glibc
public import NetworkAddresses
import SystemPackage

/// An IP address of an interface (`RTM_NEWADDR`).
public struct Address: Hashable, Sendable {
  public var ifindex: UInt32
  public var prefix: IPPrefix
  /// IFA_F_*.
  public var flags: UInt32
  /// RT_SCOPE_*.
  public var scope: UInt8
}

/// A route (`RTM_NEWROUTE`).
public struct Route: Hashable, Sendable {
  public var destination: IPPrefix
  public var gateway: IPAddress?
  public var ifindex: UInt32?
  public var preferredSource: IPAddress?
  public var metric: UInt32
  public var table: UInt32
  /// RTN_*.
  public var type: UInt8
  /// RTPROT_*.
  public var `protocol`: UInt8

  /// The type's name in `ip route`.
  public var typeName: String {
    let names = [
      "unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit",
      "throw", "nat", "xresolve",
    ]
    return Int(type) < names.count ? names[Int(type)] : String(type)
  }
}

/// A neighbor entry (`RTM_NEWNEIGH`).
public struct Neighbor: Hashable, Sendable {
  public var ifindex: UInt32
  public var address: IPAddress
  public var mac: MACAddress?
  /// NUD_*.
  public var state: UInt16
}

/// An entry of an interface's or a bridge's forwarding table (`RTM_NEWNEIGH`, AF_BRIDGE).
public struct ForwardingEntry: Hashable, Sendable {
  public var ifindex: UInt32
  public var mac: MACAddress
  /// NUD_*.
  public var state: UInt16
  /// NTF_*: 2 is "self".
  public var flags: UInt8

  /// A permanent entry of the interface's own filter: `self permanent`.
  public var isSelfPermanent: Bool { flags & 2 != 0 && state & 0x80 != 0 }
}

extension NetlinkSocket {
  private func dumpRequest(_ type: Int, family: UInt8, headerSize: Int) -> MessageBuilder {
    var request = MessageBuilder(type: type, flags: Int(NLM_F_REQUEST | NLM_F_DUMP))
    request.append(family)
    request.append([UInt8](repeating: 0, count: headerSize - 1))
    return request
  }

  /// Every IP address of the namespace.
  public func addresses() throws(NetlinkError) -> [Address] {
    var addresses: [Address] = []
    try dump(dumpRequest(RTM_GETADDR, family: UInt8(AF_UNSPEC), headerSize: 8), "list the addresses") { message in
      let payload = message.payload
      guard Int(message.type) == RTM_NEWADDR, payload.count >= 8,
        let length = payload.integer(at: 1, as: UInt8.self), let flags = payload.integer(at: 2, as: UInt8.self),
        let scope = payload.integer(at: 3, as: UInt8.self), let index = payload.integer(at: 4, as: UInt32.self)
      else { return }
      let attributes = Attributes(payload.dropping(8))
      // On a point-to-point link IFA_ADDRESS is the peer's; IFA_LOCAL, where it is given, is our own.
      guard let octets = attributes[IFA_LOCAL] ?? attributes[IFA_ADDRESS],
        let address = IPAddress(octets: octets.slice), let prefix = IPPrefix(address, length: Int(length))
      else { return }
      addresses.append(
        Address(
          ifindex: index, prefix: prefix, flags: attributes.integer(IFA_FLAGS) ?? UInt32(flags), scope: scope))
    }
    return addresses
  }

  /// Every IPv4 and IPv6 route of the namespace, of every table.
  public func routes() throws(NetlinkError) -> [Route] {
    var routes: [Route] = []
    for family in [AF_INET, AF_INET6] {
      try dump(dumpRequest(RTM_GETROUTE, family: UInt8(family), headerSize: 12), "list the routes") { message in
        if Int(message.type) == RTM_NEWROUTE, let route = Self.route(message.payload) { routes.append(route) }
      }
    }
    return routes
  }

  private static func route(_ payload: Octets) -> Route? {
    guard payload.count >= 12, let family = payload.integer(at: 0, as: UInt8.self),
      let length = payload.integer(at: 1, as: UInt8.self), let table = payload.integer(at: 4, as: UInt8.self),
      let protocolNumber = payload.integer(at: 5, as: UInt8.self),
      let type = payload.integer(at: 7, as: UInt8.self)
    else { return nil }
    let attributes = Attributes(payload.dropping(12))
    let any: IPAddress = CInt(family) == AF_INET ? .v4(0) : .v6(high: 0, low: 0)
    let destination = attributes[Int(RTA_DST.rawValue)].flatMap { IPAddress(octets: $0.slice) } ?? any
    guard let prefix = IPPrefix(destination, length: Int(length)) else { return nil }
    return Route(
      destination: prefix,
      gateway: attributes[Int(RTA_GATEWAY.rawValue)].flatMap { IPAddress(octets: $0.slice) },
      ifindex: attributes.integer(Int(RTA_OIF.rawValue)),
      preferredSource: attributes[Int(RTA_PREFSRC.rawValue)].flatMap { IPAddress(octets: $0.slice) },
      metric: attributes.integer(Int(RTA_PRIORITY.rawValue)) ?? 0,
      table: attributes.integer(Int(RTA_TABLE.rawValue)) ?? UInt32(table), type: type, protocol: protocolNumber)
  }

  /// The route that the kernel would take to an address; throws what the lookup gives, e.g. `ENETUNREACH`.
  public func route(to destination: IPAddress) throws(NetlinkError) -> Route {
    var request = MessageBuilder(type: RTM_GETROUTE, flags: Int(NLM_F_REQUEST | NLM_F_ACK))
    request.append(UInt8(destination.isIPv4 ? AF_INET : AF_INET6))
    request.append(UInt8(destination.bitWidth))
    request.append([UInt8](repeating: 0, count: 10))
    request.attribute(Int(RTA_DST.rawValue), destination.octets)
    let answers = try self.request(request, "look up the route to \(destination)")
    guard let route = answers.lazy.compactMap({ Self.route($0.payload) }).first else {
      throw NetlinkError("look up the route to \(destination)", errno: .ioError)
    }
    return route
  }

  /// Every neighbor entry of the namespace that has an IP address.
  public func neighbors() throws(NetlinkError) -> [Neighbor] {
    var neighbors: [Neighbor] = []
    try dump(dumpRequest(RTM_GETNEIGH, family: UInt8(AF_UNSPEC), headerSize: 12), "list the neighbors") { message in
      let payload = message.payload
      guard Int(message.type) == RTM_NEWNEIGH, payload.count >= 12,
        let index = payload.integer(at: 4, as: UInt32.self), let state = payload.integer(at: 8, as: UInt16.self)
      else { return }
      let attributes = Attributes(payload.dropping(12))
      guard let address = attributes[NDA_DST].flatMap({ IPAddress(octets: $0.slice) }) else { return }
      let mac = attributes[NDA_LLADDR].flatMap { MACAddress(octets: $0.slice) }
      neighbors.append(Neighbor(ifindex: index, address: address, mac: mac, state: state))
    }
    return neighbors
  }

  /// Every forwarding entry: for a macvlan parent, the unicast MAC addresses of its children, wherever they live.
  public func forwardingEntries() throws(NetlinkError) -> [ForwardingEntry] {
    var entries: [ForwardingEntry] = []
    try dump(dumpRequest(RTM_GETNEIGH, family: UInt8(AF_BRIDGE), headerSize: 12), "list forwarding entries") {
      message in
      let payload = message.payload
      guard Int(message.type) == RTM_NEWNEIGH, payload.count >= 12,
        let index = payload.integer(at: 4, as: UInt32.self), let state = payload.integer(at: 8, as: UInt16.self),
        let flags = payload.integer(at: 10, as: UInt8.self),
        let mac = Attributes(payload.dropping(12))[NDA_LLADDR].flatMap({ MACAddress(octets: $0.slice) })
      else { return }
      entries.append(ForwardingEntry(ifindex: index, mac: mac, state: state, flags: flags))
    }
    return entries
  }
}
