import NetworkAddresses
import TraceModel

/// `nat-hides-source`: a router between puts its own address in place of the sender's.
enum NATHidesSource: Rule {
  static let card = RuleCard(
    id: "nat-hides-source", title: "a router hides who sends", severity: .warning,
    explanation: """
      The router between the two networks translates addresses (masquerading, SNAT) although both sides know the way to \
      each other: the target sees the router as the sender. Its firewall, its access lists and its logs know one address \
      for everybody, and nobody behind the router can be reached from the other side by what is seen there.
      """,
    proof: """
      The same request (ICMP identifier and sequence number, or TCP ports and sequence number) left the sender with its \
      own address and came to the target with another one, a hop later.
      """,
    fix: "Exclude traffic between the two networks from the router's translation.")

  /// A request before and after it was translated.
  private struct Case {
    var source: IPAddress
    var seen: IPAddress
    var target: IPAddress
    var before: Trajectory
    var after: Trajectory
    var count = 1
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = cases(context).filter { isToldOf($0, context) }
    let flows = cases.flatMap { one -> [Flow] in
      context.flows.map(\.flow).filter {
        $0.kind != .resolution && $0.target == one.target && [one.source, one.seen].contains($0.asker)
      }
    }
    return .findings(cases.map { finding($0, context) }, flows: Set(flows))
  }

  /// Where it works, or would if the sender were seen: other faults have other reasons.
  private static func isToldOf(_ one: Case, _ context: DiagnosisContext) -> Bool {
    let dropped = FilterCase.all(context).filter {
      $0.flow.target == one.target && $0.flow.asker == one.seen && !$0.isAnswer
        && context.isLocal(one.target, in: $0.dropped.namespace)
    }
    if !dropped.isEmpty { return dropped.allSatisfy { $0.wouldPass(from: one.source, context) } }
    if let run = context.observation.probeRun, run.to.address == one.target, run.reaches { return true }
    return context.flows.contains { traffic in
      traffic.flow.target == one.target && [one.source, one.seen].contains(traffic.flow.asker)
        && traffic.flow.kind != .resolution && !traffic.answers.isEmpty
    }
  }

  /// What tells one request from all others, whoever sends it.
  private struct Mark: Hashable {
    var target: IPAddress
    var kind: Int
    var first: UInt32
    var second: UInt32

    init?(_ frame: Frame) {
      guard let ip = frame.ip, !ip.destination.isMulticast else { return nil }
      target = ip.destination
      switch ip.transport {
      case .icmp(let type, _, let identifier, let sequence) where type == (ip.destination.isIPv4 ? 8 : 128):
        // The identifier is kept unless somebody else uses it (net/netfilter/nf_nat_core.c, get_unique_tuple).
        (kind, first, second) = (1, UInt32(identifier), UInt32(sequence))
      case .tcp(_, let port, let flags, let sequence, _) where flags & 0x12 == 0x02:
        (kind, first, second) = (6, UInt32(port), sequence)
      case .udp(let source, let port, _): (kind, first, second) = (17, UInt32(source), UInt32(port))
      default: return nil
      }
    }
  }

  private static func cases(_ context: DiagnosisContext) -> [Case] {
    // The latest of each sender and time to live, in time order: a busy flow is not searched through for each packet.
    var sent: [Mark: [Trajectory]] = [:]
    var order: [String] = []
    var found: [String: Case] = [:]
    for trajectory in context.trajectories {
      guard let frame = trajectory.frame, let mark = Mark(frame), let ip = frame.ip,
        !trajectory.sightings.isEmpty
      else { continue }
      let earlier = sent[mark]?.last { before in
        guard let other = before.frame?.ip else { return false }
        return other.source != ip.source && other.ttl > ip.ttl
          && trajectory.start - before.start <= Trajectory.gap
      }
      if let earlier, let source = earlier.frame?.ip?.source,
        context.topology.owner(of: source).map({ context.isChild($0.id) || context.isLower($0.id) }) == true,
        let owner = context.topology.owner(of: ip.destination),
        trajectory.passed(Hook(owner.id, .ingress)) || trajectory.passed(context.parentIn)
      {
        let key = "\(source) \(ip.source) \(ip.destination)"
        if found[key] == nil {
          order.append(key)
          found[key] = Case(
            source: source, seen: ip.source, target: ip.destination, before: earlier, after: trajectory)
        } else {
          found[key]?.count += 1
        }
      }
      sent[mark, default: []].removeAll { $0.frame?.ip?.source == ip.source && $0.frame?.ip?.ttl == ip.ttl }
      sent[mark, default: []].append(trajectory)
    }
    return order.compactMap { found[$0] } + behindRouter(context)
  }

  /// At the target's side alone, whoever probed is known to have another address than what came.
  private static func behindRouter(_ context: DiagnosisContext) -> [Case] {
    guard let run = context.observation.probeRun, let target = run.to.address,
      let source = run.from.address ?? context.lookup(of: run)?.route?.preferredSource,
      let namespace = run.from.namespace, context.topology.namespace(namespace) == nil,
      let owner = context.topology.owner(of: target)
    else { return [] }
    let came = context.trajectories.filter { trajectory in
      guard let frame = trajectory.frame, Mark(frame)?.target == target,
        trajectory.passed(Hook(owner.id, .ingress))
      else { return false }
      return run.probes.contains {
        $0.sent <= trajectory.start && trajectory.start - $0.sent <= Trajectory.gap
      }
    }
    let sources = Set(came.compactMap(\.frame?.ip?.source))
    guard sources.count == 1, let seen = sources.first, seen != source, came.count >= run.smallProbes.count,
      let first = came.first
    else { return [] }
    return [
      Case(source: source, seen: seen, target: target, before: first, after: first, count: came.count)
    ]
  }

  private static func finding(_ one: Case, _ context: DiagnosisContext) -> Finding {
    let router = one.after.sightings.first { sighting in
      sighting.hook.direction == .egress && context.isLocal(one.seen, in: sighting.hook.interface.namespace)
    }?.hook.interface.namespace
    let owner = context.topology.owner(of: one.target)
    let mac = one.before.sightings.last?.frame.destination
    let who =
      router.map { FilterFindings.name($0, context) }
      ?? "the router \(one.before == one.after ? "\(one.seen)" : mac.map { "\($0)" } ?? "")"
    let chain = router.flatMap { natChain(in: $0, isIPv4: one.target.isIPv4, context) }
    var lives = ""
    if one.before != one.after, let before = one.before.frame?.ip?.ttl, let after = one.after.frame?.ip?.ttl {
      lives = ", the time to live \(before) before and \(after) behind the router"
    }
    var evidence = [
      Evidence(
        .trajectory,
        "\(one.count) requests that \(one.source) sent to \(one.target) came to \(owner?.label ?? "it") from \(one.seen)"
          + lives)
    ]
    if let chain {
      evidence.append(
        Evidence(
          .state,
          "chain \(chain.name) in table \(chain.family.rawValue) \(chain.table) of \(who) translates what leaves"
        ))
    }
    return finding(
      .proven, title: "\(one.target) takes \(one.source) for \(one.seen): \(who) translates",
      subjects: [one.source.description, one.seen.description, one.target.description], evidence: evidence,
      fixes: fixes(one, router, chain, who, context))
  }

  private static func natChain(in namespace: UInt64, isIPv4: Bool, _ context: DiagnosisContext)
    -> FilterChain?
  {
    context.state(namespace)?.filters?.chains.first { chain in
      chain.hook == .postrouting && [.inet, isIPv4 ? .ip : .ip6].contains(chain.family)
        && chain.rules.contains {
          switch $0.action {
          case .translate, .jump, .goto: true
          default: false
          }
        }
    }
  }

  private static func fixes(
    _ one: Case, _ router: UInt64?, _ chain: FilterChain?, _ who: String, _ context: DiagnosisContext
  ) -> [Fix] {
    let prefix = { (address: IPAddress) in
      let own = context.topology.owner(of: address)?.addresses.first { $0.address == address }
      return own.flatMap { IPPrefix($0.network, length: $0.length) } ?? IPPrefix(host: address)
    }
    let (from, to) = (prefix(one.source), prefix(one.target))
    let text = "Exclude traffic from \(from) to \(to) from the translation of \(who)"
    guard let router, let chain else {
      return [
        Fix(
          "\(text): before the rule that masquerades, `iptables -t nat -I POSTROUTING -s \(from) -d \(to) -j ACCEPT`, or `ip "
            + "saddr \(from) ip daddr \(to) accept` in nftables.")
      ]
    }
    let isIPv4 = one.target.isIPv4
    let command =
      chain.name == "POSTROUTING" && chain.table == "nat"
      ? "\(isIPv4 ? "iptables" : "ip6tables") -t nat -I POSTROUTING -s \(from) -d \(to) -j ACCEPT"
      : "nft insert rule \(chain.family.rawValue) \(Commands.quoted(chain.table)) \(Commands.quoted(chain.name)) "
        + "\(isIPv4 ? "ip" : "ip6") saddr \(from) \(isIPv4 ? "ip" : "ip6") daddr \(to) accept"
    return [
      Fix(
        "\(text); and put the exception where its rules are kept.",
        commands: [Commands(context: context).inside(router, command)])
    ]
  }
}
