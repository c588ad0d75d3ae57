import CLinux
import Glibc
public import NetworkAddresses

/// A route that is to be made, or one that is to go.
public struct RouteSpecification: Sendable {
  /// What becomes of a packet (RTN_*).
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// Sent on.
    case unicast = 1
    /// Silently dropped.
    case blackhole = 6
    /// Dropped; the sender is told that the host cannot be reached.
    case unreachable = 7
    /// Dropped; the sender is told that it is forbidden.
    case prohibit = 8
  }

  /// The network that it leads to; its host bits are ignored.
  public var destination: IPPrefix
  /// Whom to hand the packet to; `nil`: the destination itself.
  public var gateway: IPAddress?
  /// By which interface; `nil`: the one that reaches the gateway.
  public var ifindex: UInt32?
  /// The address that this host's own packets get.
  public var preferredSource: IPAddress?
  /// Of two routes to the same network the lower metric is taken; `nil`: the kernel's choice.
  public var metric: UInt32?
  /// RT_TABLE_*: 254 is the main table.
  public var table: UInt32
  /// What becomes of a packet.
  public var kind: Kind

  /// Describes a route.
  public init(
    to destination: IPPrefix, gateway: IPAddress? = nil, ifindex: UInt32? = nil,
    preferredSource: IPAddress? = nil, metric: UInt32? = nil, table: UInt32 = 254, kind: Kind = .unicast
  ) {
    self.destination = destination
    self.gateway = gateway
    self.ifindex = ifindex
    self.preferredSource = preferredSource
    self.metric = metric
    self.table = table
    self.kind = kind
  }

  /// How near the destination is, by the rule of `ip route`: a neighbor when nobody else is in between.
  private var scope: UInt32 {
    kind == .unicast && gateway == nil ? RT_SCOPE_LINK.rawValue : RT_SCOPE_UNIVERSE.rawValue
  }

  func message(_ type: Int, _ how: Int32) -> MessageBuilder {
    var request = MessageBuilder(type: type, flags: NLM_F_REQUEST | NLM_F_ACK | how)
    request.append(UInt8(destination.address.isIPv4 ? AF_INET : AF_INET6))
    request.append(UInt8(destination.length))
    request.appendZeros(2)
    // Larger numbers stand in the attribute alone.
    request.append(UInt8(exactly: table) ?? UInt8(RT_TABLE_UNSPEC.rawValue))
    request.append(UInt8(type == RTM_DELROUTE ? RTPROT_UNSPEC : RTPROT_STATIC))
    request.append(UInt8(type == RTM_DELROUTE ? RT_SCOPE_NOWHERE.rawValue : scope))
    request.append(kind.rawValue)
    request.append(UInt32(0))
    let attributes: [(rtattr_type_t, [UInt8]?)] = [
      (RTA_DST, destination.network.octets), (RTA_GATEWAY, gateway?.octets),
      (RTA_PREFSRC, preferredSource?.octets),
    ]
    for case (let type, let octets?) in attributes { request.attribute(Int(type.rawValue), octets) }
    let numbers: [(rtattr_type_t, UInt32?)] = [
      (RTA_OIF, ifindex), (RTA_PRIORITY, metric), (RTA_TABLE, table),
    ]
    for case (let type, let number?) in numbers { request.attribute(Int(type.rawValue), number) }
    return request
  }
}

/// Changes to routes, for the lab and for tests: macvtrace itself makes none.
extension NetlinkSocket {
  /// Adds a route; throws `EEXIST` where there is one to that network with that metric.
  public func addRoute(_ route: RouteSpecification) throws(NetlinkError) {
    try request(
      route.message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL), "add a route to \(route.destination)")
  }

  /// Adds a route, in place of the one to that network with that metric.
  public func replaceRoute(_ route: RouteSpecification) throws(NetlinkError) {
    try request(
      route.message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE), "replace the route to \(route.destination)")
  }

  /// Removes a route; throws `ESRCH` where there is none.
  public func deleteRoute(_ route: RouteSpecification) throws(NetlinkError) {
    try request(route.message(RTM_DELROUTE, 0), "delete the route to \(route.destination)")
  }

  /// Adds a route by a gateway or by an interface.
  public func addRoute(to destination: IPPrefix, gateway: IPAddress? = nil, ifindex: UInt32? = nil)
    throws(NetlinkError)
  {
    try addRoute(RouteSpecification(to: destination, gateway: gateway, ifindex: ifindex))
  }
}
