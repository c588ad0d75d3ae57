/// Where the kernel hands packets to a filter.
public enum FilterHook: String, Codable, Sendable, CaseIterable {
  case ingress, prerouting, input, forward, output, postrouting, egress
}

/// What a packet filter's chain is for.
public enum FilterFamily: String, Codable, Sendable {
  case ip, ip6, inet, arp, bridge, netdev
}

/// What becomes of a packet that meets all conditions of a rule.
public enum FilterAction: Hashable, Codable, Sendable {
  case accept, drop
  /// It is dropped, and its sender told.
  case reject
  case jump(String)
  case goto(String)
  case `return`
  /// A map decides, whose elements were not read.
  case map
  /// Its address is rewritten: `DNAT`, `SNAT`, `MASQUERADE`, `REDIRECT`.
  case translate(String)
  /// The next rule follows.
  case none
}

/// What a rule compares.
public enum FilterSubject: Hashable, Codable, Sendable {
  /// Octets of a header: 0 link layer, 1 network, 2 transport.
  case payload(base: UInt32, offset: Int, length: Int)
  /// The transport protocol's number.
  case transportProtocol
  /// 2 for IPv4, 10 for IPv6.
  case networkProtocol
  case inputInterface, outputInterface
  case inputName, outputName
  /// Connection tracking's state: 1 invalid, 2 established, 4 related, 8 new, 64 untracked; in host byte order.
  case connectionState
}

/// One condition of a rule; all have to hold.
public enum FilterCondition: Hashable, Codable, Sendable {
  /// How octets compare.
  public enum Operation: String, Codable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  }

  /// The subject's octets, those of the mask alone, compare so with the value's.
  case compare(FilterSubject, mask: [UInt8]?, Operation, value: [UInt8])
  /// What is not understood here, by a name.
  case opaque(String)
}

/// A rule of a packet filter.
public struct FilterRule: Hashable, Codable, Sendable {
  /// What `nft delete rule` takes.
  public var handle: UInt64
  /// All have to hold.
  public var conditions: [FilterCondition] = []
  /// What becomes of the packet then.
  public var action = FilterAction.none
  /// How many packets it has counted; `nil` for a rule without a counter.
  public var packets: UInt64?

  /// Describes a rule that does nothing.
  public init(handle: UInt64) { self.handle = handle }
}

/// A chain of a packet filter in one namespace (nf_tables).
public struct FilterChain: Hashable, Codable, Sendable {
  /// The family of its table.
  public var family: FilterFamily
  /// The table's name.
  public var table: String
  /// Its own name.
  public var name: String
  /// Where the kernel calls it; `nil` for a chain that only others lead to.
  public var hook: FilterHook?
  /// The lower comes first.
  public var priority: Int32 = 0
  /// Whether packets that no rule decides on are dropped.
  public var dropsByPolicy = false
  /// How many packets its policy decided on; `nil` where that is not counted.
  public var packets: UInt64?
  /// In their order.
  public var rules: [FilterRule] = []

  /// Describes an empty chain that accepts.
  public init(family: FilterFamily, table: String, name: String, hook: FilterHook? = nil) {
    self.family = family
    self.table = table
    self.name = name
    self.hook = hook
  }
}
