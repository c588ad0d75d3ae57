import Glibc
import LinuxNamespaces
import Netlink
import TraceModel

extension PacketFilters {
  /// The most rules that are kept of one namespace.
  private static let limit = 4096

  /// Reads the calling thread's namespace; `nil` where the kernel has no nf_tables, or does not tell.
  init?(readingCurrent _: Void) {
    guard let socket = try? NetlinkSocket(.netfilter), let chains = try? socket.filterChains(),
      let rules = chains.isEmpty ? [] : try? socket.filterRules()
    else { return nil }
    self.init()
    struct Key: Hashable {
      let family: UInt8
      let table: String
      let chain: String
    }
    isTruncated = rules.count > Self.limit
    let byChain = Dictionary(grouping: rules.prefix(Self.limit)) {
      Key(family: $0.family, table: $0.table, chain: $0.chain)
    }
    self.chains = chains.prefix(Self.limit).compactMap { chain in
      guard let family = FilterFamily(chain.family) else { return nil }
      var read = TraceModel.FilterChain(family: family, table: chain.table, name: chain.name)
      if let hook = chain.hook {
        read.hook = FilterHook(hook.number, in: family)
        read.priority = hook.priority
        read.dropsByPolicy = hook.dropsByPolicy
      }
      read.packets = chain.packets
      let own = byChain[Key(family: chain.family, table: chain.table, chain: chain.name)] ?? []
      read.rules = own.map(TraceModel.FilterRule.init)
      return read
    }
    legacyTables = Self.legacyTables("ip_tables_names", "") + Self.legacyTables("ip6_tables_names", "ip6 ")
  }

  private static func legacyTables(_ file: String, _ prefix: String) -> [String] {
    (ProcFS.read("/proc/thread-self/net/\(file)") ?? "").split(separator: "\n").map { prefix + $0 }
  }
}

extension FilterFamily {
  /// Reads NFPROTO_* (include/uapi/linux/netfilter.h); `nil` for another.
  fileprivate init?(_ number: UInt8) {
    switch number {
    case 1: self = .inet
    case 2: self = .ip
    case 3: self = .arp
    case 5: self = .netdev
    case 7: self = .bridge
    case 10: self = .ip6
    default: return nil
    }
  }
}

extension FilterHook {
  /// Reads NF_INET_*, NF_BR_*, NF_ARP_* or NF_NETDEV_*; `nil` for another.
  fileprivate init?(_ number: UInt32, in family: FilterFamily) {
    let hooks: [FilterHook] =
      switch family {
      case .ip, .ip6, .inet, .bridge: [.prerouting, .input, .forward, .output, .postrouting, .ingress]
      case .arp: [.input, .output, .forward]
      case .netdev: [.ingress, .egress]
      }
    guard number < hooks.count else { return nil }
    self = hooks[Int(number)]
  }
}

extension TraceModel.FilterRule {
  /// Turns steps over registers into conditions on the packet.
  fileprivate init(_ rule: Netlink.FilterRule) {
    self.init(handle: rule.handle)
    var registers: [UInt32: (subject: FilterSubject?, mask: [UInt8]?)] = [:]
    for expression in rule.expressions {
      switch expression {
      case .payload(let base, let offset, let length, let register):
        registers[register] = (.payload(base: base, offset: Int(offset), length: Int(length)), nil)
      case .meta(let key, let register): registers[register] = (FilterSubject(meta: key), nil)
      case .connection(let key, let register):
        // NFT_CT_STATE is 0.
        registers[register] = (key == 0 ? .connectionState : nil, nil)
      case .bitwise(let from, let to, let mask, let flip):
        let isMask = flip.allSatisfy { $0 == 0 }
        registers[to] = (isMask ? registers[from]?.subject : nil, mask)
      case .compare(let register, let number, let value):
        let operations: [FilterCondition.Operation] = [
          .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
        ]
        if let loaded = registers[register], let subject = loaded.subject, number < operations.count {
          conditions.append(.compare(subject, mask: loaded.mask, operations[Int(number)], value: value))
        } else {
          conditions.append(.opaque("comparison"))
        }
      case .verdict(let code, let chain):
        switch code {
        case 0: action = .drop
        case 1: action = .accept
        case -3: action = .jump(chain ?? "")
        case -4: action = .goto(chain ?? "")
        case -5: action = .return
        default: action = .map
        }
      case .lookup(_, let isVerdict):
        if isVerdict { action = .map } else { conditions.append(.opaque("set")) }
      case .counter(let count): packets = count
      case .reject: action = .reject
      case .match(let name): conditions.append(.opaque(name))
      case .target(let name):
        switch name {
        case "REJECT": action = .reject
        case "DNAT", "SNAT", "MASQUERADE", "REDIRECT": action = .translate(name)
        default: break
        }
      case .other(let name):
        switch name {
        case "masq": action = .translate("MASQUERADE")
        case "nat": action = .translate("NAT")
        case "redir": action = .translate("REDIRECT")
        // What only notes something down lets every packet go on.
        case "log", "notrack", "immediate", "meta", "ct", "dup", "objref", "dynset": break
        default: conditions.append(.opaque(name))
        }
      }
    }
  }
}

extension FilterSubject {
  /// Reads NFT_META_*; `nil` for what is not compared here.
  fileprivate init?(meta key: UInt32) {
    switch key {
    case 4: self = .inputInterface
    case 5: self = .outputInterface
    case 6: self = .inputName
    case 7: self = .outputName
    case 15: self = .networkProtocol
    case 16: self = .transportProtocol
    default: return nil
    }
  }
}
