import CLinux

/// A chain of nf_tables: what iptables of today and nft write (include/uapi/linux/netfilter/nf_tables.h).
public struct FilterChain: Hashable, Sendable {
  /// Where the kernel calls a base chain, and what becomes of a packet that no rule decides on.
  public struct Hook: Hashable, Sendable {
    /// The hook's number, which means another place in each family.
    public var number: UInt32
    /// The lower comes first.
    public var priority: Int32
    /// Whether packets that come to its end are dropped.
    public var dropsByPolicy: Bool
  }

  /// NFPROTO_*: 1 inet, 2 ip, 3 arp, 5 netdev, 7 bridge, 10 ip6.
  public var family: UInt8
  /// The table's name.
  public var table: String
  /// Its own name.
  public var name: String
  /// `nil` for a chain that only other chains lead to.
  public var hook: Hook?
  /// How many packets its policy decided on, where that is counted.
  public var packets: UInt64?

  /// Reads `struct nfgenmsg` and the attributes behind it; `nil` when it is cut off.
  init?(_ message: Message) {
    guard let attributes = message.attributes(behind: 4), let family: UInt8 = message.payload.integer(at: 0),
      let table = attributes[NFTA_CHAIN_TABLE], let name = attributes[NFTA_CHAIN_NAME]
    else { return nil }
    self.family = family
    self.table = table.text
    self.name = name.text
    if let hook = attributes.nested(NFTA_CHAIN_HOOK), let number: UInt32 = hook.bigEndian(NFTA_HOOK_HOOKNUM) {
      self.hook = Hook(
        number: number,
        priority: hook.bigEndian(NFTA_HOOK_PRIORITY) ?? 0,
        // NF_DROP is 0, NF_ACCEPT 1 (include/uapi/linux/netfilter.h).
        dropsByPolicy: attributes.bigEndian(NFTA_CHAIN_POLICY, as: UInt32.self) == 0)
    }
    packets = attributes.nested(NFTA_CHAIN_COUNTERS)?.bigEndian(NFTA_COUNTER_PACKETS)
  }
}

extension Attributes {
  subscript(_ type: some RawRepresentable<UInt32>) -> Octets? { self[Int(type.rawValue)] }

  func nested(_ type: some RawRepresentable<UInt32>) -> Attributes? { nested(Int(type.rawValue)) }

  /// The number in network byte order that an attribute holds; `nil` when it is absent or too short.
  func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: some RawRepresentable<UInt32>, as: Value.Type = Value.self
  ) -> Value? {
    integer(Int(type.rawValue), as: Value.self).map { Value(bigEndian: $0) }
  }
}

extension NetlinkSocket {
  /// Every chain of nf_tables in the namespace, of every family; the socket has to be one for packet filters.
  public func filterChains() throws(NetlinkError) -> [FilterChain] {
    let new = Self.filterMessage(NFT_MSG_NEWCHAIN)
    return try dump(Self.filterDump(NFT_MSG_GETCHAIN), "list the packet filters' chains") {
      $0.type == new ? FilterChain($0) : nil
    }
  }

  /// Every rule of nf_tables in the namespace, in the order of each chain.
  public func filterRules() throws(NetlinkError) -> [FilterRule] {
    let new = Self.filterMessage(NFT_MSG_NEWRULE)
    return try dump(Self.filterDump(NFT_MSG_GETRULE), "list the packet filters' rules") {
      $0.type == new ? FilterRule($0) : nil
    }
  }

  private static func filterMessage(_ type: nf_tables_msg_types) -> Int {
    Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(type.rawValue)
  }

  /// Asks for all families (NFPROTO_UNSPEC).
  private static func filterDump(_ type: nf_tables_msg_types) -> MessageBuilder {
    var request = MessageBuilder(type: filterMessage(type), flags: NLM_F_REQUEST | NLM_F_DUMP)
    request.appendZeros(4)
    return request
  }
}
