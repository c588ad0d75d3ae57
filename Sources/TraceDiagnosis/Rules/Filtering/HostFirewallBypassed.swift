import NetworkAddresses
import TraceModel

/// `host-firewall-bypassed`: the host's rules for a child's address never see its traffic.
enum HostFirewallBypassed: Rule {
  static let card = RuleCard(
    id: "host-firewall-bypassed", title: "the host's firewall does not see the child's traffic",
    severity: .warning,
    explanation: """
      Somebody wrote firewall rules on the host for an address of a macvlan child. Frames for a child leave the host's own \
      way below its IP stack: they never pass the chains input, forward or output of the host, and what the rules forbid gets \
      through.
      """,
    proof: """
      Packets that a rule of the host's would drop, by the child's very address, came to the child, and the rule's counter \
      stood still.
      """,
    fix: "Put the rule into the container's own namespace, or filter at the switch or the router.")

  private struct Case {
    var child: Interface
    var frame: Frame
    var culprit: FilterCulprit
    var count: Int
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let host = context.parent.id.namespace
    guard let filters = context.state(host)?.filters else { return .findings([]) }
    let naming = chainsThatName(context, filters)
    guard !naming.isEmpty else { return .findings([]) }
    var found: [String: Case] = [:]
    var order: [String] = []
    for sighting in context.observation.sightings {
      guard let child = context.interface(sighting.hook.interface), child.kind.isChild,
        child.id.namespace != host, !sighting.frame.destination.isMulticast, let ip = sighting.frame.ip
      else { continue }
      let isIn = sighting.hook.direction == .ingress
      guard child.owns(isIn ? ip.destination : ip.source) else { continue }
      // As the rules' author thought of it: forwarded between the parent and the child.
      let lower = context.lower(of: child)
      let packet = FilterPacket(
        sighting.frame, input: isIn ? lower : nil, output: isIn ? nil : lower, state: nil)
      guard
        let culprit = FilterWalk.culprit(
          of: packet, at: [.prerouting, .input, .forward, .output, .postrouting], filters, before: nil),
        culprit.certainty == .certain, let rule = culprit.rule, names(rule, child),
        increase(culprit, context) ?? 0 == 0
      else { continue }
      let key = "\(child.id) \(rule.handle) \(culprit.chain.name)"
      if found[key] == nil {
        order.append(key)
        found[key] = Case(child: child, frame: sighting.frame, culprit: culprit, count: 1)
      } else {
        found[key]?.count += 1
      }
    }
    return .findings(order.compactMap { found[$0] }.compactMap { finding($0, context) })
  }

  /// Chains with rules of which some drop and name a child's address: a quick look before all packets are compared.
  private static func chainsThatName(_ context: DiagnosisContext, _ filters: PacketFilters) -> [FilterChain] {
    let children = context.topology.children.filter { !context.isInHostNamespace($0) }
    return filters.chains.filter { chain in
      chain.family != .netdev && chain.family != .bridge
        && chain.rules.contains { rule in children.contains { names(rule, $0) } }
    }
  }

  /// Whether a rule drops and says an address of the child, or a network that is no wider than the child's own.
  private static func names(_ rule: FilterRule, _ child: Interface) -> Bool {
    guard [.drop, .reject].contains(rule.action) else { return false }
    return rule.conditions.contains { condition in
      guard case .compare(.payload(1, let offset, let length), let mask, .equal, let value) = condition else {
        return false
      }
      return child.addresses.contains { own in
        let octets = own.address.octets
        let fields = own.address.isIPv4 ? [12, 16] : [8, 24]
        guard fields.contains(offset), length <= octets.count, value.count >= length else { return false }
        let bits = mask.map { $0.prefix(length).reduce(0) { $0 + $1.nonzeroBitCount } } ?? length * 8
        guard bits >= own.length else { return false }
        let read = mask.map { zip(octets, $0).map { $0 & $1 } } ?? octets
        return Array(read.prefix(length)) == Array(value.prefix(length))
      }
    }
  }

  private static func increase(_ culprit: FilterCulprit, _ context: DiagnosisContext) -> UInt64? {
    guard let rule = culprit.rule, let now = rule.packets,
      let then = context.stateBefore(context.parent.id.namespace)?.filters?.chains.first(where: {
        $0.family == culprit.chain.family && $0.table == culprit.chain.table && $0.name == culprit.chain.name
      })?.rules.first(where: { $0.handle == rule.handle })?.packets, now >= then
    else { return nil }
    return now - then
  }

  private static func finding(_ one: Case, _ context: DiagnosisContext) -> Finding? {
    let risen = increase(one.culprit, context)
    guard let ip = one.frame.ip else { return nil }
    var evidence = [
      Evidence(
        .trajectory,
        "\(one.count) packets passed \(one.child.label), such as one from \(ip.source) to \(ip.destination), that \(one.culprit.label) would drop"
      ),
      risen == 0
        ? Evidence(.counter, "that rule's counter stood still meanwhile")
        : Evidence(.counter, "missing for proof: that rule has no counter"),
    ]
    evidence.append(
      Evidence(
        .state, "the rule is in the namespace of \(context.parent.name); \(one.child.label) is in another one"
      ))
    let namespace = one.child.id.namespace
    let commands = Commands(context: context)
    let isIn = one.child.owns(ip.destination)
    let name = ip.destination.isIPv4 ? "ip" : "ip6"
    let chain = isIn ? "input" : "output"
    let condition = "\(name) \(isIn ? "saddr \(ip.source)" : "daddr \(ip.destination)")"
    let words = transport(ip)
    return finding(
      risen == 0 ? .proven : .likely,
      title: "the host's rule against traffic of \(one.child.label) never sees it",
      subjects: [one.child.id.description], evidence: evidence,
      fixes: [
        Fix(
          "Put the rule into the namespace of \(one.child.label): this blocks what was seen to pass. It is gone when the "
            + "container is; for good filter on the switch or the router.",
          commands: [
            commands.inside(namespace, "nft add table inet filter"),
            commands.inside(
              namespace,
              "nft 'add chain inet filter macvtrace-\(chain) { type filter hook \(chain) priority 0; }'"),
            commands.inside(
              namespace, "nft add rule inet filter macvtrace-\(chain) \(condition) \(words)drop"),
          ])
      ])
  }

  private static func transport(_ ip: IPFields) -> String {
    switch ip.transport {
    case .tcp(_, let port, let flags, _, _) where flags & 0x12 == 0x02: "tcp dport \(port) "
    case .udp(_, let port, _): "udp dport \(port) "
    case .icmp: ip.destination.isIPv4 ? "icmp type echo-request " : "icmpv6 type echo-request "
    default: ""
    }
  }
}
