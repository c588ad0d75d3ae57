import NetworkAddresses
import TraceModel

/// `bond-alb-rewrite`: a bond that balances by MAC address changes the children's.
enum BondALBRewrite: Rule {
  static let card = RuleCard(
    id: "bond-alb-rewrite", title: "the bond rewrites the children's MAC addresses", severity: .error,
    explanation: """
      In the modes balance-tlb and balance-alb a bond sends frames under the MAC address of the port that it chose, to \
      balance load without the switch's help. Whoever is asked by a macvlan child learns a port's address, and its answers \
      reach the bond itself, not the child.
      """,
    proof: """
      The parent is a bond in mode balance-tlb or balance-alb; answers to a child came in for the MAC address of one of its \
      ports.
      """,
    fix: "Set the bond's mode to 802.3ad or active-backup.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard let hardware = context.observation.hardware, let mode = hardware.bondMode, mode == 5 || mode == 6
    else {
      return .findings([])
    }
    let name = mode == 5 ? "balance-tlb" : "balance-alb"
    var explained: [Attempt] = []
    var told: Set<InterfaceID> = []
    let findings = context.failures.compactMap { attempt -> Finding? in
      guard case .child(let id) = attempt.asker, let child = context.interface(id), child.kind != .ipvlan
      else {
        return nil
      }
      let answers = context.answersAtParent(attempt).filter {
        $0.frame.destination != child.mac && hardware.portMACs.contains($0.frame.destination)
      }
      guard let answer = answers.first else { return nil }
      explained.append(attempt)
      guard told.insert(id).inserted else { return nil }
      return finding(
        .proven, title: "\(context.parent.name) (\(name)) rewrites \(child.label)'s MAC address",
        subjects: [child.id.description, context.parent.id.description],
        evidence: [
          Evidence(
            .trajectory,
            "\(attempt.summary) left \(child.label) from \(child.mac.map { "\($0)" } ?? "?"); \(answers.count) answers "
              + "came in for \(answer.frame.destination), a port of \(context.parent.name)"),
          Evidence(.state, "\(context.parent.name) is a bond in mode \(name)"),
        ],
        fixes: [
          Fix(
            "Make \(context.parent.name) a bond in mode 802.3ad (LACP, with the switch) or active-backup: the mode can be "
              + "changed while it is down and has no ports.")
        ])
    }
    return .findings(findings, explaining: explained)
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard context.parent.linkKind == "bond", let mode = context.observation.hardware?.bondMode else {
      return nil
    }
    return mode == 5 || mode == 6
      ? "\(context.parent.name) is a bond that can rewrite MAC addresses, and no answer came in for one of its ports"
      : "\(context.parent.name) is a bond in a mode that leaves MAC addresses as they are"
  }
}
