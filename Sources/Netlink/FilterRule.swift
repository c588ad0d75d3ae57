import CLinux

/// What one step of a rule does; a packet for which a comparison fails leaves the rule.
public enum FilterExpression: Hashable, Sendable {
  /// Octets of the packet into a register. `base`: 0 link layer, 1 network, 2 transport header.
  case payload(base: UInt32, offset: UInt32, length: UInt32, register: UInt32)
  /// What the kernel knows of the packet (NFT_META_*), into a register.
  case meta(key: UInt32, register: UInt32)
  /// What connection tracking knows of it (NFT_CT_*), into a register.
  case connection(key: UInt32, register: UInt32)
  /// The register's octets with some taken out and some flipped.
  case bitwise(from: UInt32, to: UInt32, mask: [UInt8], flip: [UInt8])
  /// Goes on if the register and the value compare so (NFT_CMP_*: 0 equal, 1 not equal, then <, <=, >, >=).
  case compare(register: UInt32, operation: UInt32, value: [UInt8])
  /// Ends the rule: NF_DROP 0, NF_ACCEPT 1, NFT_JUMP -3, NFT_GOTO -4, NFT_RETURN -5.
  case verdict(code: Int32, chain: String?)
  /// Looks the register up in a set; with a map of verdicts that may end the rule.
  case lookup(set: String, isVerdict: Bool)
  /// Counts the packets that came so far.
  case counter(packets: UInt64)
  /// Drops the packet and tells its sender.
  case reject
  /// A condition of iptables, by its name.
  case match(String)
  /// An action of iptables, by its name: `REJECT`.
  case target(String)
  /// Another, by its name.
  case other(String)

  /// Reads one element of a rule's list; `nil` when it has no name.
  init?(_ element: Attributes) {
    guard let name = element[NFTA_EXPR_NAME]?.text else { return nil }
    self =
      element.nested(NFTA_EXPR_DATA).flatMap { Self(name, $0) } ?? (name == "reject" ? .reject : .other(name))
  }

  private init?(_ name: String, _ data: Attributes) {
    switch name {
    case "payload":
      guard let register: UInt32 = data.bigEndian(NFTA_PAYLOAD_DREG) else { return nil }
      self = .payload(
        base: data.bigEndian(NFTA_PAYLOAD_BASE) ?? .max, offset: data.bigEndian(NFTA_PAYLOAD_OFFSET) ?? 0,
        length: data.bigEndian(NFTA_PAYLOAD_LEN) ?? 0, register: register)
    case "meta":
      guard let register: UInt32 = data.bigEndian(NFTA_META_DREG) else { return nil }
      self = .meta(key: data.bigEndian(NFTA_META_KEY) ?? .max, register: register)
    case "ct":
      guard let register: UInt32 = data.bigEndian(NFTA_CT_DREG) else { return nil }
      self = .connection(key: data.bigEndian(NFTA_CT_KEY) ?? .max, register: register)
    case "bitwise":
      guard let from: UInt32 = data.bigEndian(NFTA_BITWISE_SREG),
        let to: UInt32 = data.bigEndian(NFTA_BITWISE_DREG),
        let mask = data.nested(NFTA_BITWISE_MASK)?[NFTA_DATA_VALUE],
        let flip = data.nested(NFTA_BITWISE_XOR)?[NFTA_DATA_VALUE]
      else { return nil }
      self = .bitwise(from: from, to: to, mask: Array(mask.slice), flip: Array(flip.slice))
    case "cmp":
      guard let register: UInt32 = data.bigEndian(NFTA_CMP_SREG),
        let operation: UInt32 = data.bigEndian(NFTA_CMP_OP),
        let value = data.nested(NFTA_CMP_DATA)?[NFTA_DATA_VALUE]
      else { return nil }
      self = .compare(register: register, operation: operation, value: Array(value.slice))
    case "immediate":
      guard let verdict = data.nested(NFTA_IMMEDIATE_DATA)?.nested(NFTA_DATA_VERDICT),
        let code: UInt32 = verdict.bigEndian(NFTA_VERDICT_CODE)
      else { return nil }
      self = .verdict(code: Int32(bitPattern: code), chain: verdict[NFTA_VERDICT_CHAIN]?.text)
    case "lookup":
      // NFT_REG_VERDICT is 0.
      self = .lookup(
        set: data[NFTA_LOOKUP_SET]?.text ?? "",
        isVerdict: data.bigEndian(NFTA_LOOKUP_DREG, as: UInt32.self) == 0)
    case "counter": self = .counter(packets: data.bigEndian(NFTA_COUNTER_PACKETS) ?? 0)
    case "reject": self = .reject
    case "match": self = .match(data[NFTA_MATCH_NAME]?.text ?? "")
    case "target": self = .target(data[NFTA_TARGET_NAME]?.text ?? "")
    default: return nil
    }
  }
}

/// A rule of nf_tables.
public struct FilterRule: Hashable, Sendable {
  /// NFPROTO_*.
  public var family: UInt8
  /// The table's name.
  public var table: String
  /// The chain's name.
  public var chain: String
  /// What `nft delete rule` takes.
  public var handle: UInt64
  /// In their order.
  public var expressions: [FilterExpression]

  /// Reads `struct nfgenmsg` and the attributes behind it; `nil` when it is cut off.
  init?(_ message: Message) {
    guard let attributes = message.attributes(behind: 4), let family: UInt8 = message.payload.integer(at: 0),
      let table = attributes[NFTA_RULE_TABLE], let chain = attributes[NFTA_RULE_CHAIN],
      let handle: UInt64 = attributes.bigEndian(NFTA_RULE_HANDLE)
    else { return nil }
    self.family = family
    self.table = table.text
    self.chain = chain.text
    self.handle = handle
    expressions = (attributes.nested(NFTA_RULE_EXPRESSIONS)?.list ?? []).compactMap {
      FilterExpression(Attributes($0.value))
    }
  }
}
