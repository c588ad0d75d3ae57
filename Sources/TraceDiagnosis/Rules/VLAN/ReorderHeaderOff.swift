import NetworkAddresses
import TraceModel

/// `reorder-hdr-off`: a sub-interface hands frames over with their tag.
enum ReorderHeaderOff: Rule {
  static let card = RuleCard(
    id: "reorder-hdr-off", title: "the VLAN sub-interface leaves the tag in its frames", severity: .info,
    explanation: """
      With reorder_hdr off a VLAN sub-interface hands frames over with the 802.1Q header still in them. The IP stack copes; \
      programs that read whole frames there, such as DHCP clients, or captures, find a tag where they expect an IP packet.
      """,
    proof:
      "Frames came in at the sub-interface itself with the tag of its own VLAN, and its flag REORDER_HDR is clear.",
    fix: "`ip link set dev VLAN type vlan reorder_hdr on`.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let findings = context.topology.interfaces.compactMap { vlan -> Finding? in
      guard vlan.kind == .vlan, vlan.reordersHeader == false, context.isLower(vlan.id), let id = vlan.vlan
      else {
        return nil
      }
      let hook = Hook(vlan.id, .ingress)
      let count = context.observation.counters.reduce(0) {
        $1.hook == hook && $1.vlan == id ? $0 + $1.frames : $0
      }
      guard count > 0 else { return nil }
      return finding(
        .proven, title: "\(vlan.name) hands frames over with the tag of VLAN \(id)",
        subjects: [vlan.id.description],
        evidence: [
          Evidence(
            .counter, "\(count) frames came in at \(vlan.name) with the tag of VLAN \(id) still in them"),
          Evidence(.state, "\(vlan.name)'s flag reorder_hdr is off"),
        ],
        fixes: [
          Fix(
            "Have \(vlan.name) take the tag off.",
            commands: ["ip link set dev \(Commands.quoted(vlan.name)) type vlan reorder_hdr on"])
        ])
    }
    return .findings(findings)
  }
}
