import CLinux
public import NetworkAddresses

/// A route (`RTM_NEWROUTE`).
public struct Route: Hashable, Sendable {
  /// One of several ways that a route may take.
  public struct NextHop: Hashable, Sendable {
    /// Whom to hand the packet to; `nil`: the destination itself.
    public var gateway: IPAddress?
    /// By which interface.
    public var ifindex: UInt32
    /// Its share of the packets, from 1.
    public var weight: Int
  }

  /// The network that it leads to: the default route has length 0.
  public var destination: IPPrefix
  /// Whom to hand the packet to; `nil`: the destination itself, or one of `nextHops`.
  public var gateway: IPAddress?
  /// By which interface; `nil` for a route that leads nowhere or has several `nextHops`.
  public var ifindex: UInt32?
  /// The ways of a route that has several.
  public var nextHops: [NextHop] = []
  /// The address that this host's own packets get.
  public var preferredSource: IPAddress?
  /// Of two routes to the same network the lower metric is taken.
  public var metric: UInt32
  /// RT_TABLE_*: 254 main, 255 local.
  public var table: UInt32
  /// RT_SCOPE_*: 0 universe, 253 link, 254 host.
  public var scope: UInt8
  /// RTN_*.
  public var type: UInt8
  /// RTPROT_*: 2 the kernel, 3 boot, 4 static, 16 DHCP.
  public var `protocol`: UInt8
  /// RTNH_F_*: 1 dead, 16 link down.
  public var flags: UInt32

  /// The type as `ip route` writes it.
  public var typeName: String {
    let names = [
      "unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable",
      "prohibit", "throw", "nat", "xresolve",
    ]
    return Int(type) < names.count ? names[Int(type)] : String(type)
  }

  /// Whether it is the answer to a question for a way, and an ICMP redirect changed that way (RTCF_REDIRECTED, or of IPv6
  /// RTPROT_REDIRECT).
  public var isRedirected: Bool { flags & 0x0004_0000 != 0 || `protocol` == 1 }

  /// Who made it, as `ip route` writes it (/etc/iproute2/rt_protos).
  public var originName: String {
    let names: [UInt8: String] = [
      0: "unspec", 1: "redirect", 2: "kernel", 3: "boot", 4: "static", 8: "gated", 9: "ra", 11: "zebra",
      12: "bird", 15: "ntk", 16: "dhcp", 42: "babel", 186: "bgp", 187: "isis", 188: "ospf", 189: "rip",
      192: "eigrp",
    ]
    return names[`protocol`] ?? String(`protocol`)
  }
}

extension Route {
  /// Reads `struct rtmsg` and the attributes behind it; `nil` when it is cut off or no IP route.
  init?(_ message: Message) {
    let payload = message.payload
    guard let attributes = message.attributes(behind: 12),
      let any = (payload.integer(at: 0, as: UInt8.self)).flatMap(Self.anyAddress),
      let length = payload.integer(at: 1, as: UInt8.self), let table = payload.integer(at: 4, as: UInt8.self),
      let origin = payload.integer(at: 5, as: UInt8.self), let scope = payload.integer(at: 6, as: UInt8.self),
      let type = payload.integer(at: 7, as: UInt8.self), let flags = payload.integer(at: 8, as: UInt32.self)
    else { return nil }
    let address = { (type: rtattr_type_t) in
      attributes[Int(type.rawValue)].flatMap { IPAddress(octets: $0.slice) }
    }
    guard let destination = IPPrefix(address(RTA_DST) ?? any, length: Int(length)) else { return nil }
    self.init(
      destination: destination, gateway: Self.gateway(attributes),
      ifindex: attributes.integer(Int(RTA_OIF.rawValue)),
      nextHops: attributes[Int(RTA_MULTIPATH.rawValue)].map(Self.nextHops) ?? [],
      preferredSource: address(RTA_PREFSRC), metric: attributes.integer(Int(RTA_PRIORITY.rawValue)) ?? 0,
      table: attributes.integer(Int(RTA_TABLE.rawValue)) ?? UInt32(table), scope: scope, type: type,
      protocol: origin, flags: flags)
  }

  /// 0.0.0.0 or ::, by address family; `nil` for any other family.
  private static func anyAddress(_ family: UInt8) -> IPAddress? {
    switch family {
    case 2: .v4(0)
    case 10: .v6(high: 0, low: 0)
    default: nil
    }
  }

  /// `RTA_GATEWAY`, or `RTA_VIA`: an IPv6 gateway of an IPv4 route (RFC 8950), behind its address family.
  private static func gateway(_ attributes: Attributes) -> IPAddress? {
    let octets =
      attributes[Int(RTA_GATEWAY.rawValue)] ?? attributes[Int(RTA_VIA.rawValue)].map { $0.dropping(2) }
    return octets.flatMap { IPAddress(octets: $0.slice) }
  }

  /// Reads `struct rtnexthop` after `struct rtnexthop`; stops at the first whose length lies.
  private static func nextHops(_ octets: Octets) -> [NextHop] {
    var hops: [NextHop] = []
    var rest = octets
    while let length = rest.integer(at: 0, as: UInt16.self), length >= 8, Int(length) <= rest.count,
      let hops256 = rest.integer(at: 3, as: UInt8.self), let ifindex = rest.integer(at: 4, as: UInt32.self)
    {
      let attributes = Attributes(Octets(rest.slice.prefix(Int(length)).dropFirst(8)))
      // The kernel stores the weight less one.
      hops.append(NextHop(gateway: gateway(attributes), ifindex: ifindex, weight: Int(hops256) + 1))
      rest = rest.dropping((Int(length) + 3) & ~3)
    }
    return hops
  }
}
