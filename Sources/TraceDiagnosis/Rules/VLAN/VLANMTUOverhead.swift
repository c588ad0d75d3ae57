import NetworkAddresses
import TraceModel

/// `vlan-mtu-overhead`: the tag makes full frames four octets too long for the switch.
enum VLANMTUOverhead: Rule {
  static let card = RuleCard(
    id: "vlan-mtu-overhead", title: "full frames vanish once they are tagged", severity: .error,
    explanation: """
      An 802.1Q tag makes a frame four octets longer, while the VLAN's interface has the same MTU as the one below. \
      Something on the way, mostly an old or small switch or a NIC, takes frames of 1518 octets at most and throws the \
      largest ones away. No router is concerned, so nobody says so: small packets pass, full ones vanish.
      """,
    proof: """
      Packets of up to the MTU less the tag's four octets were answered, before and after; those larger left the parent \
      with a tag and were not, and no ICMP message said that they are too big.
      """,
    fix: """
      Let the switch's ports take frames of 1522 octets or more, or set the MTU of the VLAN's interfaces to 1496 on every \
      machine in that VLAN.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = SizedExchange.vanishing(context).filter {
      !context.isExplained($0.flow) && overhead($0, context) != nil
    }
    return .findings(cases.compactMap { finding($0, context) }, flows: Set(cases.map(\.flow)))
  }

  /// The VLAN sub-interface by which tagged packets leave and vanish that would pass without the tag; `nil` where the
  /// sizes do not say so.
  private static func overhead(_ one: SizedExchange, _ context: DiagnosisContext) -> Interface? {
    let tagged = one.vanished.compactMap { $0.trajectory.first(at: context.parentOut)?.frame.outerTag }
    guard tagged.count == one.vanished.count, let lower = context.subinterface(of: tagged.first),
      one.localRouter(context) == nil
    else { return nil }
    let most = min(lower.mtu, context.parent.mtu)
    let limit = most - 4
    guard let vanishes = one.smallestVanished, vanishes > limit, vanishes <= most, one.passes <= limit else {
      return nil
    }
    // By a router a narrow link behind it is as likely, but for the very size.
    return one.gateway(context) == nil || one.passes == limit ? lower : nil
  }

  private static func finding(_ one: SizedExchange, _ context: DiagnosisContext) -> Finding? {
    guard let lower = overhead(one, context) else { return nil }
    let limit = min(lower.mtu, context.parent.mtu) - 4
    let gap: String? =
      if !context.isComplete {
        "some frames were not recorded"
      } else if !one.isInterleaved {
        "an answer to a small packet after the large ones had vanished"
      } else if one.passes != limit {
        "an answer to a packet of \(limit) octets"
      } else {
        nil
      }
    var evidence = one.evidence(context)
    evidence.append(
      Evidence(
        .state,
        "\(lower.name) and \(context.parent.name) have an MTU of \(lower.mtu) and \(context.parent.mtu): a full packet and its "
          + "tag make a frame of \(min(lower.mtu, context.parent.mtu) + 18) octets"))
    evidence.append(Evidence(.trajectory, "no ICMP message said that they are too big"))
    if let gap { evidence.append(Evidence(.counter, "missing for proof: \(gap)")) }
    let vlan = lower.vlan.map { "\($0)" } ?? "?"
    return finding(
      gap == nil ? .proven : .likely,
      title:
        "frames of VLAN \(vlan) with more than \(limit) octets of payload vanish behind \(context.parent.name)",
      subjects: [lower.id.description, one.target.description], evidence: evidence,
      fixes: [
        Fix(
          "Set the MTU of VLAN \(vlan)'s interfaces to \(limit), here and on every other machine in it; children on it follow.",
          commands: ["ip link set dev \(Commands.quoted(lower.name)) mtu \(limit)"]),
        Fix(
          "Or let the switch's ports take frames of \(limit + 26) octets and more (\"jumbo frames\", system MTU 1504)."
        ),
      ])
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let size = run.vanishingSize else { return nil }
    let passes = run.probes.filter { $0.outcome != .silence }.compactMap(\.size).max() ?? 0
    let limit = context.parent.mtu - 4
    return passes < limit && passes > 0
      ? "packets of \(passes + 1) octets vanish already; a tag would cost no more than those above \(limit)"
      : context.topology.interfaces.contains { $0.kind == .vlan }
        ? nil : "packets of \(size) octets leave without a tag"
  }
}
