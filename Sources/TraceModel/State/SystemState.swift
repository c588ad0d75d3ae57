/// What a network namespace's kernel says of itself beside its topology, at one moment.
public struct SystemState: Hashable, Codable, Sendable {
  /// The namespace's inode.
  public var namespace: UInt64
  /// The protocols' counters since the namespace was made, by the names of /proc/net/snmp, netstat and snmp6:
  /// `Ip.InAddrErrors`, `IpExt.InNoRoutes`, `Icmp6InMsgs`.
  public var counters: [String: UInt64] = [:]
  /// The rules that choose a routing table, in the order in which they are asked; those that every namespace has as well.
  public var routingRules: [RoutingRule] = []
  /// Addresses that duplicate address detection keeps from being used.
  public var unusableAddresses: [UnusableAddress] = []
  /// Its packet filters; `nil` where they could not be read.
  public var filters: PacketFilters?
  /// Its tracked connections; `nil` where the kernel tracks none.
  public var connections: ConnectionTracking?
  /// Who listens; `nil` where that could not be read.
  public var listeners: [Listener]?
  /// The groups whose frames its interfaces take; `nil` where they could not be read.
  public var groups: [GroupMembership]?
  /// The queues of the whole machine; `nil` where they could not be read.
  public var backlog: BacklogCounters?

  /// Whether the kernel knows 802.1Q, or can load what it takes; `nil` where that could not be told.
  public var takesVLANs: Bool?

  /// Describes a namespace of which nothing is known.
  public init(namespace: UInt64) { self.namespace = namespace }
}
