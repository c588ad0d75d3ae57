import NetworkAddresses
import TraceModel

/// `vlan-strip-blindness`: an XDP program does not see the tags that the card has taken off.
enum VLANStripBlindness: Rule {
  static let card = RuleCard(
    id: "vlan-strip-blindness", title: "an XDP program at the parent sees tagged frames without their tags",
    severity: .info,
    explanation: """
      With rx-vlan-offload on, the card takes the 802.1Q tag off and hands it over beside the frame. The kernel's stack and \
      tc see it there; an XDP program or a tool that reads the raw frame finds an untagged one, and may take it for that.
      """,
    proof: """
      Tagged frames came in at the parent, its rx-vlan-offload is on, and an XDP program stands there.
      """,
    fix: """
      Read the tag from the metadata (bpf_xdp_metadata_rx_vlan_tag, from Linux 6.8 on; `skb->vlan_tci` in tc), or \
      `ethtool -K PARENT rxvlan off`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.observation.hardware?.features?.contains("rx-vlan-hw-parse") == true,
      let program = context.observation.otherPrograms.first(where: {
        $0.place == .xdp && $0.interface == context.parent.id && $0.mode != "offload"
      })
    else { return .findings([]) }
    let tagged = context.observation.counters.reduce(0) {
      $1.hook == context.parentIn && $1.vlan != nil ? $0 + $1.frames : $0
    }
    guard tagged > 0 else { return .findings([]) }
    return .findings([
      finding(
        .likely,
        title: "the \(program.label) at \(context.parent.name) sees \(tagged) tagged frames without tags",
        subjects: [context.parent.id.description],
        evidence: [
          Evidence(.counter, "\(tagged) tagged frames came in at \(context.parent.name)"),
          Evidence(
            .state,
            "\(context.parent.name) takes tags off (rx-vlan-offload is on) before the \(program.label) gets the frames"
          ),
          Evidence(.state, "missing for proof: that the program looks at tags at all"),
        ],
        fixes: [
          Fix(
            "Have the card leave the tags in the frames, at the cost of some CPU.",
            commands: ["ethtool -K \(Commands.quoted(context.parent.name)) rxvlan off"]),
          Fix("Have the program read the tag from the frame's metadata (bpf_xdp_metadata_rx_vlan_tag)."),
        ])
    ])
  }
}
