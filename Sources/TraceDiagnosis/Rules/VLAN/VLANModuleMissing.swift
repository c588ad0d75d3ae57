import NetworkAddresses
import TraceModel

/// `8021q-missing`: the kernel knows no VLANs.
enum VLANModuleMissing: Rule {
  static let card = RuleCard(
    id: "8021q-missing", title: "the kernel knows no VLANs: 8021q is missing", severity: .error,
    explanation: """
      Tagged frames come in, and this kernel was built without 802.1Q, or its module is not installed: a VLAN sub-interface \
      cannot be made ("Operation not supported"; Docker: "failed to create vlan link"), and the frames are taken for \
      somebody else's.
      """,
    proof: """
      Requests for an address of this host came in with a VLAN's tag and were not answered; the kernel has no 802.1Q, and \
      no module that it could load.
      """,
    fix: """
      Install the module that belongs to this kernel (`modprobe 8021q`; the package linux-modules-extra), or a kernel with \
      CONFIG_VLAN_8021Q; or have the switch hand the VLAN over untagged.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.state(context.parent.id.namespace)?.takesVLANs == false else { return .findings([]) }
    let cases = UnknownVLAN.cases(context)
    guard let first = cases.first else { return .findings([]) }
    let ids = Set(cases.map { "\($0.tag.vlanID)" }).sorted().joined(separator: ", ")
    let gap = context.gap(at: [context.parentIn], cases.map(\.attempt))
    let kernel = context.observation.host.kernel
    return .findings(
      [
        finding(
          gap == nil ? .proven : .likely,
          title: "VLAN \(ids) comes in at \(context.parent.name), and this kernel knows no VLANs",
          subjects: [context.parent.id.description, first.attempt.target.description],
          evidence: cases.prefix(8).map { one in
            Evidence(
              .trajectory,
              "\(one.attempt.summary) came in at \(context.parent.name) with the tag of VLAN \(one.tag.vlanID), and no answer "
                + "left")
          } + [Evidence(.state, "the kernel \(kernel) has no 802.1Q, and no module for it")]
            + cases.flatMap { context.dropEvidence($0.attempt) }
            + (gap.map { [Evidence(.state, "missing for proof: \($0)")] } ?? []),
          fixes: [
            Fix(
              "Install the modules that belong to \(kernel) (linux-modules-extra), then `modprobe 8021q`; or boot a kernel with "
                + "CONFIG_VLAN_8021Q."),
            Fix("Or have the switch hand VLAN \(ids) over to \(context.parent.name) untagged."),
          ])
      ], explaining: cases.map(\.attempt))
  }
}
