import NetworkAddresses
import TraceModel

/// `pmtu-blackhole`: large packets vanish, and nobody says that they are too big.
enum PMTUBlackhole: Rule {
  static let card = RuleCard(
    id: "pmtu-blackhole", title: "large packets vanish without a word", severity: .error,
    explanation: """
      Somewhere on the way packets must be smaller than what this interface sends: a tunnel, a PPPoE line, a port with a \
      smaller MTU. Whoever throws the large ones away has to say so, by an ICMP message with the size that fits, so that the \
      sender sends smaller ones. That message does not arrive: pings work and connections open, and then they hang as soon \
      as there is much to send.
      """,
    proof: """
      Small packets were answered before and after, every packet above a certain size left and was not, and no message \
      "fragmentation needed" (ICMP type 3, code 4) or "packet too big" (ICMPv6 type 2) came to the sender.
      """,
    fix: """
      Let ICMP type 3 code 4 and ICMPv6 type 2 pass on every router and firewall of the way; or send smaller packets: a \
      smaller MTU on the route or the interface, or a TCP MSS that the router clamps.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = SizedExchange.vanishing(context).filter { !context.isExplained($0.flow) }
    return .findings(cases.map { finding($0, context) }, flows: Set(cases.map(\.flow)))
  }

  private static func finding(_ one: SizedExchange, _ context: DiagnosisContext) -> Finding {
    let gap =
      context.isComplete
      ? one.isInterleaved ? nil : "an answer to a small packet after the large ones had vanished"
      : "some frames were not recorded"
    let gateway = one.gateway(context)
    var evidence = one.evidence(context)
    var fixes: [Fix] = []
    let drops = one.tooBigMessages(context).flatMap(\.drops).filter(FilterCase.isFiltered)
    if let router = one.localRouter(context) {
      evidence.append(
        Evidence(.drop, "the kernel freed them in \(FilterFindings.name(router, context)): PKT_TOO_BIG"))
    }
    if let drop = drops.last {
      evidence.append(
        Evidence(
          .drop,
          "its packet filter freed the message that says so, in \(FilterFindings.name(drop.namespace, context))"
        ))
      fixes.append(letMessagesPass(drop, one, context))
    } else {
      evidence.append(
        Evidence(
          .trajectory,
          "no message \(one.target.isIPv4 ? "\"fragmentation needed\" (ICMP type 3, code 4)" : "\"packet too big\" (ICMPv6 type 2)") "
            + "came to \(one.asker.label)"))
    }
    if let gap { evidence.append(Evidence(.counter, "missing for proof: \(gap)")) }
    fixes += self.fixes(one, gateway, context)
    let limit = one.smallestVanished.map { "\($0)" } ?? "?"
    return finding(
      gap == nil ? .proven : .likely,
      title: one.isAnswerLost
        ? "\(one.target)'s answers to \(one.asker.label) vanish from \(limit) octets on"
        : "packets of \(limit) octets and more from \(one.asker.label) to \(one.target) vanish",
      subjects: [one.asker.id.description, one.target.description], evidence: evidence, fixes: fixes)
  }

  /// Has the filter that freed the message let it pass.
  private static func letMessagesPass(_ drop: Drop, _ one: SizedExchange, _ context: DiagnosisContext) -> Fix
  {
    let isIPv4 = one.target.isIPv4
    let chain =
      context.isLocal(one.source, in: drop.namespace)
      ? "INPUT"
      : drop.frame?.sourceAddress.map { context.isLocal($0, in: drop.namespace) } == true
        ? "OUTPUT" : "FORWARD"
    let chains = context.state(drop.namespace)?.filters?.chains.filter {
      $0.hook?.rawValue == chain.lowercased() && [.inet, isIPv4 ? .ip : .ip6].contains($0.family)
    }
    let own = chains?.first {
      $0.dropsByPolicy || $0.rules.contains { [.drop, .reject].contains($0.action) }
    }
    let command: String
    if let own, own.name != chain {
      let type = isIPv4 ? "icmp type destination-unreachable icmp code 4" : "icmpv6 type packet-too-big"
      command =
        "nft insert rule \(own.family.rawValue) \(Commands.quoted(own.table)) \(Commands.quoted(own.name)) \(type) accept"
    } else {
      command =
        isIPv4
        ? "iptables -I \(chain) -p icmp --icmp-type fragmentation-needed -j ACCEPT"
        : "ip6tables -I \(chain) -p icmpv6 --icmpv6-type packet-too-big -j ACCEPT"
    }
    return Fix(
      "Let the message pass in \(FilterFindings.name(drop.namespace, context)).",
      commands: [Commands(context: context).inside(drop.namespace, command)])
  }

  private static func fixes(_ one: SizedExchange, _ gateway: IPAddress?, _ context: DiagnosisContext) -> [Fix]
  {
    let isIPv4 = one.target.isIPv4
    // Where it is not known how much fits: what every IPv6 link has to carry (RFC 8200, 5).
    let isExact = (one.smallestVanished ?? .max) - one.passes == 1
    let vanishes = one.smallestVanished ?? 1500
    let fits = isExact || vanishes <= 1280 ? max(one.passes, 576) : max(one.passes, 1280)
    let name = Commands.quoted(one.asker.name)
    let commands = Commands(context: context)
    let host = "\(IPPrefix(host: one.target))"
    let way = gateway.map { "via \($0) " } ?? ""
    let smaller = Fix(
      "Until then have \(one.asker.label) send packets of at most \(fits) octets there"
        + (isExact ? ", the most that gets through." : "."),
      commands: one.isAnswerLost
        ? []
        : [
          commands.inside(
            one.asker, "ip \(isIPv4 ? "" : "-6 ")route replace \(host) \(way)dev \(name) mtu \(fits)")
        ])
    let type = isIPv4 ? "ICMP type 3, code 4" : "ICMPv6 type 2"
    let elsewhere =
      gateway.map {
        Fix(
          "Let \(type) pass on the routers and firewalls between \($0) and \(one.target), towards \(one.source); or have the "
            + "router in front of the narrow link clamp TCP's MSS: `nft add rule inet filter forward tcp flags syn tcp option "
            + "maxseg size set rt mtu`.")
      }
      ?? Fix(
        "No router lies between: give the switch's ports and \(one.target)'s interface an MTU of \(one.asker.mtu) or more, or "
          + "every machine on the segment the smaller one.")
    return one.isAnswerLost
      ? [elsewhere, Fix("Or have \(one.target) send packets of at most \(fits) octets to \(one.source).")]
      : [smaller, elsewhere]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard run.vanishingSize == nil, let size = run.probes.last(where: { $0.size != nil }) else { return nil }
    return size.outcome == .answered ? "a packet of \(size.size ?? 0) octets was answered, too" : nil
  }
}
