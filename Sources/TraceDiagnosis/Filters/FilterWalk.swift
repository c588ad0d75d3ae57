import TraceModel

/// What in a namespace's filters dropped a packet of which it is known that a filter did.
struct FilterCulprit: Hashable {
  /// How sure it is; the lower is the surer.
  enum Certainty: Int, Comparable {
    /// Every condition of the rule holds, or nothing before the policy does.
    case certain
    /// It counted packets meanwhile; some of its conditions could not be compared.
    case counted
    /// Nothing speaks against it.
    case possible

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  var chain: FilterChain
  /// The chain that the kernel calls, and that led to it; the same where it is called itself.
  var base: FilterChain
  /// `nil`: the chain's policy.
  var rule: FilterRule?
  var certainty: Certainty
  /// By how much its counter rose; `nil` where it has none.
  var counted: UInt64?

  /// `rule 7 of chain input in table inet filter`.
  var label: String {
    let place = "chain \(chain.name) in table \(chain.family.rawValue) \(chain.table)"
    return rule.map { "the rule with handle \($0.handle) of \(place)" } ?? "the policy (drop) of \(place)"
  }
}

/// Follows a packet through a namespace's chains.
struct FilterWalk {
  private enum Ending { case accepted, dropped, continues }

  private let packet: FilterPacket
  private let chains: [FilterChain]
  private let before: PacketFilters?
  private var candidates: [FilterCulprit] = []
  /// The chain that the kernel called last.
  private var base: FilterChain?

  /// The culprit that is the surest; `nil` where no chain may have dropped the packet.
  ///
  /// - Parameters:
  ///   - hooks: those that the packet passed, in order.
  ///   - filters: the namespace's, after the packet.
  ///   - before: the same from before it.
  static func culprit(
    of packet: FilterPacket, at hooks: [FilterHook], _ filters: PacketFilters, before: PacketFilters?
  ) -> FilterCulprit? {
    var walk = FilterWalk(packet: packet, chains: filters.chains, before: before)
    for hook in hooks {
      let bases = filters.chains.filter { $0.hook == hook && packet.isSeen(by: $0.family) }
      for base in bases.sorted(by: { $0.priority < $1.priority }) { walk.enter(base) }
    }
    return walk.candidates.min { $0.certainty < $1.certainty }
  }

  private init(packet: FilterPacket, chains: [FilterChain], before: PacketFilters?) {
    self.packet = packet
    self.chains = chains
    self.before = before
  }

  private mutating func enter(_ base: FilterChain) {
    self.base = base
    guard walk(base, depth: 0) == .continues, base.dropsByPolicy else { return }
    let counted = increase(base)
    if counted == 0 { return }
    candidates.append(
      FilterCulprit(chain: base, base: base, rule: nil, certainty: .certain, counted: counted))
  }

  private mutating func walk(_ chain: FilterChain, depth: Int) -> Ending {
    for rule in chain.rules {
      let fits = fits(rule, chain)
      if fits == false { continue }
      switch rule.action {
      case .drop, .reject, .map:
        let counted = increase(rule, chain)
        let isCertain = fits == true && rule.action != .map
        candidates.append(
          FilterCulprit(
            chain: chain, base: base ?? chain, rule: rule,
            certainty: isCertain ? .certain : (counted ?? 0) > 0 ? .counted : .possible, counted: counted))
        if isCertain { return .dropped }
      case .accept: if fits == true { return .accepted }
      case .return: if fits == true { return .continues }
      case .jump(let name), .goto(let name):
        let target = chains.first {
          $0.family == chain.family && $0.table == chain.table && $0.name == name
        }
        // The kernel allows 16 jumps (NFT_JUMP_STACK_SIZE).
        guard let target, depth < 16 else { continue }
        let known = candidates.count
        let ending = walk(target, depth: depth + 1)
        if fits == nil { doubt(from: known) }
        if fits == true, ending != .continues { return ending }
        if fits == true, case .goto = rule.action { return .continues }
      case .translate, .none: continue
      }
    }
    return .continues
  }

  /// Candidates of a chain to which the packet may not have come.
  private mutating func doubt(from first: Int) {
    for index in candidates.indices[first...] where candidates[index].certainty == .certain {
      candidates[index].certainty = (candidates[index].counted ?? 0) > 0 ? .counted : .possible
    }
  }

  /// Whether the packet meets the rule; `nil` where that cannot be told.
  private func fits(_ rule: FilterRule, _ chain: FilterChain) -> Bool? {
    // A counter that stands still was not reached.
    if increase(rule, chain) == 0 { return false }
    var isKnown = true
    for condition in rule.conditions {
      guard let holds = packet.meets(condition) else {
        isKnown = false
        continue
      }
      if !holds { return false }
    }
    return isKnown ? true : nil
  }

  private func earlier(_ chain: FilterChain) -> FilterChain? {
    before?.chains.first { $0.family == chain.family && $0.table == chain.table && $0.name == chain.name }
  }

  private func increase(_ chain: FilterChain) -> UInt64? {
    guard let now = chain.packets, let then = earlier(chain)?.packets, now >= then else { return nil }
    return now - then
  }

  private func increase(_ rule: FilterRule, _ chain: FilterChain) -> UInt64? {
    guard let now = rule.packets,
      let then = earlier(chain)?.rules.first(where: { $0.handle == rule.handle })?.packets, now >= then
    else { return nil }
    return now - then
  }
}
