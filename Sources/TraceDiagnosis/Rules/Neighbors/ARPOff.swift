import NetworkAddresses
import TraceModel

/// `arp-off`: ARP is switched off on an interface.
enum ARPOff: Rule {
  static let card = RuleCard(
    id: "arp-off", title: "ARP is switched off on the interface", severity: .error,
    explanation: """
      An interface with the flag NOARP neither asks for MAC addresses nor answers who asks for its own. What it sends \
      goes to its own MAC address, and nobody finds it.
      """,
    proof: """
      The interface has the flag, and ARP requests came in there and were not answered; or packets left it for its own \
      MAC address.
      """,
    fix: "Switch it on, inside of the namespace: `ip link set eth0 arp on`.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let mute = Unanswering.outcome(
      Self.self, context, where: { if case .arpOff = $0 { true } else { false } }
    ) { one, _ in
      (
        "\(one.receiver.label) does not answer ARP requests: ARP is off",
        [flag(one.receiver)], fixes(one.receiver, context)
      )
    }
    guard case .findings(var findings, var explained, _) = mute else { return mute }
    var told: Set<InterfaceID> = []
    for attempt in context.failures {
      guard let asker = context.asker(attempt.asker), asker.isMute,
        let frame = attempt.unanswered.last?.frame,
        let mac = asker.mac, frame.source == mac, frame.destination == mac
      else { continue }
      explained.append(attempt)
      guard told.insert(asker.id).inserted else { continue }
      findings.append(
        finding(
          .proven, title: "\(asker.label) asks for no MAC address: ARP is off",
          subjects: [asker.id.description, attempt.target.description],
          evidence: [
            Evidence(.trajectory, "\(attempt.summary) left \(asker.label) for its own MAC address, \(mac)"),
            flag(asker),
          ], fixes: fixes(asker, context)))
    }
    return .findings(findings, explaining: explained)
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let sender = context.sender(of: run), !sender.arp, !sender.isMute else { return nil }
    return
      "\(sender.label) has the flag NOARP as every ipvlan interface in mode \(sender.mode?.rawValue ?? "l3")"
  }

  private static func flag(_ interface: Interface) -> Evidence {
    Evidence(.state, "\(interface.label) has the flag NOARP")
  }

  private static func fixes(_ interface: Interface, _ context: DiagnosisContext) -> [Fix] {
    let command = Commands(context: context).inside(
      interface, "ip link set \(Commands.quoted(interface.name)) arp on")
    return [Fix("Switch ARP on.", commands: [command])]
  }
}

extension Interface {
  /// Whether ARP is switched off where it is needed. An ipvlan in mode l3 or l3s never speaks it: its parent asks and
  /// answers (drivers/net/ipvlan/ipvlan_main.c, ipvlan_set_port_mode).
  var isMute: Bool { !arp && !(kind == .ipvlan && [.l3, .l3s].contains(mode)) }
}
