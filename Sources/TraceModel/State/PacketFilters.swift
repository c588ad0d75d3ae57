/// The packet filters of one namespace.
public struct PacketFilters: Hashable, Codable, Sendable {
  /// Every chain of nf_tables with its rules.
  public var chains: [FilterChain] = []
  /// Tables of x_tables (`iptables-legacy`), whose rules are not read: `filter`; those of IPv6 as `ip6 filter`.
  public var legacyTables: [String] = []
  /// Whether there were more rules than are kept.
  public var isTruncated = false

  /// No filter.
  public init() {}
}

/// The table of tracked connections of one namespace.
public struct ConnectionTracking: Hashable, Codable, Sendable {
  /// How many are in it.
  public var count: UInt64
  /// How many a namespace may have.
  public var limit: UInt64
  /// Packets dropped because no entry could be made.
  public var dropped: UInt64
  /// Packets that belong to no connection.
  public var invalid: UInt64

  /// Describes a table.
  public init(count: UInt64, limit: UInt64, dropped: UInt64 = 0, invalid: UInt64 = 0) {
    self.count = count
    self.limit = limit
    self.dropped = dropped
    self.invalid = invalid
  }
}
