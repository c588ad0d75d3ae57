import NetworkAddresses
import TraceModel

/// `arp-ignore`: a setting keeps ARP requests from being answered.
enum ARPIgnore: Rule {
  static let card = RuleCard(
    id: "arp-ignore", title: "arp_ignore mutes the interface", severity: .error,
    explanation: """
      The setting arp_ignore tells the kernel which ARP requests not to answer: 1 those for addresses of other \
      interfaces, 2 also those from other subnets, 8 all. Without an answer nobody finds the MAC address.
      """,
    proof: """
      ARP requests came in at the interface and no answer left it; the value of arp_ignore there means just these.
      """,
    fix: "Set arp_ignore to 0 on the interface and for all, or ask for an address that it answers for.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    Unanswering.outcome(
      Self.self, context, where: { if case .arpIgnore = $0 { true } else { false } }
    ) { one, cause in
      guard case .arpIgnore(let value) = cause else { return ("", [], []) }
      let reason =
        switch value {
        case 1: "it is not \(one.receiver.label)'s own address"
        case 2: "\(one.attempt.source) is not in the subnet of that address on \(one.receiver.label)"
        default: "none is answered"
        }
      return (
        "\(one.receiver.label) does not answer ARP requests for \(one.attempt.target)",
        [Evidence(.state, "arp_ignore is \(value) on \(one.receiver.label): \(reason)")],
        [Fix("Have it answer.", commands: commands(one.receiver, context))]
      )
    }
  }

  /// The higher of the interface's own value and the one for all counts.
  private static func commands(_ interface: Interface, _ context: DiagnosisContext) -> [String] {
    let commands = Commands(context: context)
    let all = context.setting("ipv4/conf/all/arp_ignore", in: interface.id.namespace).flatMap { Int($0) } ?? 0
    let own =
      context.setting("ipv4/conf/\(interface.name)/arp_ignore", in: interface.id.namespace).flatMap {
        Int($0)
      } ?? 0
    return (all > 0 ? [commands.inside(interface, "sysctl -w net.ipv4.conf.all.arp_ignore=0")] : [])
      + (own > 0 ? [commands.set("arp_ignore", to: 0, of: interface)] : [])
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let interface = run.to.interface.flatMap(context.interface), run.to.address?.isIPv4 == true,
      context.highest("arp_ignore", of: interface) == 0
    else { return nil }
    return "arp_ignore is 0 on \(interface.label)"
  }
}
