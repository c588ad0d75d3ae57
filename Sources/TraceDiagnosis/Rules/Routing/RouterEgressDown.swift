import NetworkAddresses
import TraceModel

/// `router-egress-down`: the router's interface in the other network is down.
enum RouterEgressDown: Rule {
  static let card = RuleCard(
    id: "router-egress-down", title: "the router's other interface is down", severity: .error,
    explanation: """
      The router has an interface in the network that the packets are for, but it is down: with it the route is gone, and \
      the packets are dropped.
      """,
    proof: """
      Packets came in at the router and none left it; its kernel has no way to their destination, and its interface with \
      that network is down.
      """,
    fix: "Set the interface up.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    var told: Set<InterfaceID> = []
    for stuck in StuckAtRouter.all(context) {
      guard let egress = stuck.egress else { continue }
      explained.append(stuck.transit.attempt)
      guard told.insert(egress.id).inserted else { continue }
      findings.append(
        finding(
          .proven,
          title: "\(egress.label), by which \(stuck.transit.router.label) would pass packets on, is down",
          subjects: [egress.id.description, stuck.transit.attempt.target.description],
          evidence: stuck.evidence(context) + [Evidence(.state, "\(egress.label) is administratively down")],
          fixes: [
            Fix(
              "Set it up.",
              commands: [
                Commands(context: context).inside(egress, "ip link set \(Commands.quoted(egress.name)) up")
              ])
          ]))
    }
    return .findings(findings, explaining: explained)
  }
}
