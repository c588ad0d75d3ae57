import NetworkAddresses
import TraceModel

/// `vlan-hopping`: a second tag takes a frame into another VLAN.
enum VLANHopping: Rule {
  static let card = RuleCard(
    id: "vlan-hopping", title: "frames with two tags hop into another VLAN", severity: .warning,
    explanation: """
      A frame was sent with two 802.1Q tags: outside that of its own VLAN, inside that of another one. It came out in the \
      other: a switch took the outer tag off, as it is that of the native VLAN of a port, and sent the rest on by the inner \
      one. Whoever is in the first VLAN can send into the second past the router and its filters, one way.
      """,
    proof: """
      A frame for a MAC address that was made up for it left the parent in one VLAN, with the other VLAN's tag inside, and \
      came in with that tag alone. `macvtrace verify` sends such frames.
      """,
    fix: """
      Give the trunk a native VLAN that nobody else is in, or have the switch tag its native VLAN, too.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard let run = context.observation.verification else { return .findings([]) }
    let hops = StrayEvidence.all(context, run).filter { $0.cause == card.id }
    let pairs = Set(hops.map(\.stray.pair)).sorted()
    return .findings(
      pairs.map { pair in
        let own = hops.filter { $0.stray.pair == pair }
        return finding(
          .proven,
          title: "two tags take a frame from VLAN \(pair.from) into VLAN \(pair.to), past the router",
          subjects: [context.parent.id.description],
          evidence: own.map { Evidence(.counter, $0.text) },
          fixes: [
            Fix(
              "On the switch: make an unused VLAN the native one of the trunk instead of VLAN \(pair.from), or have it tag "
                + "the native VLAN as well (Linux bridge: `bridge vlan add dev PORT vid \(pair.from)` without `pvid "
                + "untagged`).")
          ])
      })
  }
}
