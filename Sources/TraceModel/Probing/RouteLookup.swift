public import NetworkAddresses

/// What a namespace's kernel answers when it is asked for the way to an address (`RTM_GETROUTE`).
public struct RouteLookup: Hashable, Codable, Sendable {
  /// The inode of the namespace that was asked.
  public var namespace: UInt64
  /// Whom the packet is for.
  public var destination: IPAddress
  /// The address that the packet was to have; `nil`: the one that the route gives it.
  public var source: IPAddress?
  /// The way; `nil` where there is none.
  public var route: RouteEntry?
  /// The kernel's error where there is no way: `ENETUNREACH`, `EHOSTUNREACH`, `EACCES` (prohibit), `EINVAL` (blackhole).
  public var error: String?

  /// Whether an ICMP redirect changed the way.
  public var isRedirected: Bool { route?.origin == "redirect" }

  /// States what was answered.
  public init(
    namespace: UInt64, destination: IPAddress, source: IPAddress? = nil, route: RouteEntry? = nil,
    error: String? = nil
  ) {
    self.namespace = namespace
    self.destination = destination
    self.source = source
    self.route = route
    self.error = error
  }
}
