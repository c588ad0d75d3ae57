import NetworkAddresses
import TraceModel

/// `br-netfilter-filter`: a bridge hands what it only switches to the filters for IP.
enum BridgeNetfilter: Rule {
  static let card = RuleCard(
    id: "br-netfilter-filter", title: "bridged frames go through iptables", severity: .error,
    explanation: """
      The module br_netfilter, which Docker and Kubernetes load, has frames that a bridge only switches go through the \
      machine's IP filters as if it routed them. Rules that were made for routed traffic then drop what merely crosses the \
      bridge, on its way to or from a macvlan child on it.
      """,
    proof: """
      The kernel freed the packet in the packet filter although it was for none of that namespace's MAC addresses, so \
      that nobody there was to route it, and bridge-nf-call-iptables is 1.
      """,
    fix:
      "Set net.bridge.bridge-nf-call-iptables=0, or except bridged traffic (`-m physdev --physdev-is-bridged`)."
  )

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = FilterCase.all(context).filter { isBridged($0, context) }
    let outcome = FilterFindings.outcome(
      Self.self, context, cases,
      owner: { "\(FilterFindings.name($0, context)) filters what its bridge switches: it" },
      note: { one in
        [
          Evidence(
            .state,
            "the packet was for \(one.dropped.frame.destination), no MAC address of that namespace: it was bridged; "
              + "\(setting(one)) is 1")
        ]
      })
    guard case .findings(let findings, let attempts, let flows) = outcome else { return outcome }
    // Of one namespace there is one finding for each rule: the switch is the same.
    return .findings(
      findings.map { found in
        var found = found
        let own = cases.first { FilterFindings.name($0.dropped.namespace, context) == found.subjects.first }
        if let own { found.fixes.insert(fix(own, context), at: 0) }
        return found
      }, explaining: attempts, flows: flows)
  }

  private static func fix(_ one: FilterCase, _ context: DiagnosisContext) -> Fix {
    let namespace = one.dropped.namespace
    let name = setting(one).split(separator: "/").joined(separator: ".")
    return Fix(
      "Have bridged frames of \(FilterFindings.name(namespace, context)) pass its IP filters by; for good in /etc/sysctl.d. "
        + "Docker's own networks with published ports may need it at 1: then except bridged traffic instead.",
      commands: [Commands(context: context).inside(namespace, "sysctl -w net.\(name)=0")])
  }

  private static func setting(_ one: FilterCase) -> String {
    switch one.dropped.frame.network {
    case .arp: "bridge/bridge-nf-call-arptables"
    case .ip(let ip) where !ip.destination.isIPv4: "bridge/bridge-nf-call-ip6tables"
    default: "bridge/bridge-nf-call-iptables"
    }
  }

  private static func isBridged(_ one: FilterCase, _ context: DiagnosisContext) -> Bool {
    let namespace = one.dropped.namespace
    let frame = one.dropped.drop.frame ?? one.dropped.frame
    let mac = frame.destination
    guard context.setting(setting(one), in: namespace) == "1", mac != .zero, !mac.isMulticast,
      frame.destinationAddress.map({ !context.isLocal($0, in: namespace) }) == true,
      frame.sourceAddress.map({ !context.isLocal($0, in: namespace) }) == true
    else { return false }
    let own = context.topology.interfaces.filter { $0.id.namespace == namespace }
    guard !own.contains(where: { $0.mac == mac }) else { return false }
    // A child on the bridge has another MAC address than the bridge, too: it takes its frames behind the filters.
    return own.contains { interface in
      interface.linkKind == "bridge" || interface.kind == .bridge || interface.master != nil
        || interface.receiveHandler?.kind == "bridge"
    }
  }
}
