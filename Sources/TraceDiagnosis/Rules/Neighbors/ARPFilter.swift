import NetworkAddresses
import TraceModel

/// `arp-filter`: ARP requests are answered only by the interface that leads to who asks.
enum ARPFilter: Rule {
  static let card = RuleCard(
    id: "arp-filter", title: "arp_filter mutes the interface", severity: .error,
    explanation: """
      With arp_filter=1 the kernel answers an ARP request only by the interface by which it would send to the asker. Its \
      route to the asker leads by another one, so it keeps silent.
      """,
    proof: """
      ARP requests came in at an interface with arp_filter=1 and no answer left it; the kernel's own way to the asker \
      leads by another interface.
      """,
    fix: "Set arp_filter to 0 on the interface and for all, or have the route to the asker lead by it.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    Unanswering.outcome(
      Self.self, context, where: { if case .arpFilter = $0 { true } else { false } }
    ) { one, _ in
      let commands = Commands(context: context)
      let namespace = one.receiver.id.namespace
      let isForAll = context.setting("ipv4/conf/all/arp_filter", in: namespace) == "1"
      let count = context.increase("TcpExt.ArpFilter", in: namespace) ?? 0
      return (
        "\(one.receiver.label) does not answer ARP requests of \(one.attempt.source)",
        [Evidence(.state, "arp_filter is 1 on \(one.receiver.label)"), one.wayBack]
          + (count > 0 ? [Evidence(.counter, "TcpExt.ArpFilter rose by \(count)")] : []),
        [
          Fix(
            "Have it answer.",
            commands: (isForAll
              ? [commands.inside(one.receiver, "sysctl -w net.ipv4.conf.all.arp_filter=0")] : [])
              + [commands.set("arp_filter", to: 0, of: one.receiver)]),
          Fix("Or have the route to \(one.attempt.source) lead by \(one.receiver.label)."),
        ]
      )
    }
  }
}
