import NetworkAddresses
import TraceModel

/// `double-tag-vst`: the hypervisor's switch tags by itself, and this host tags, too.
enum DoubleTag: Rule {
  static let card = RuleCard(
    id: "double-tag-vst", title: "the virtual switch tags by itself", severity: .error,
    explanation: """
      The port group or bridge port that this virtual machine hangs on belongs to one VLAN: the hypervisor puts the tag on \
      and takes it off. Frames that this machine tags as well leave with two tags, or are dropped, and what comes in never \
      has one.
      """,
    proof: """
      The machine is a virtual one; requests left the parent with a tag, and other frames came in, all of them untagged.
      """,
    fix: """
      Make the machine's port a trunk: VMware port group VLAN 4095 (distributed switch: VLAN trunking), Proxmox without \
      `tag=`, Hyper-V `Set-VMNetworkAdapterVlan -Trunk`. Or use the parent itself, untagged, for that VLAN.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let platform = Platform(context.observation.hardware)
    guard platform.isVirtual else { return .findings([]) }
    let fromWire = context.observation.counters.filter {
      $0.hook == context.parentIn && !context.isLocal($0.source)
        && !LinkLocalGroup.isSpoken(byBlocked: $0.destination)
    }
    // VID 0 carries a priority alone.
    guard !fromWire.isEmpty, fromWire.allSatisfy({ ($0.vlan?.rawValue ?? 0) == 0 }) else {
      return .findings([])
    }
    let count = fromWire.reduce(0) { $0 + $1.frames }
    var told: Set<VLANID> = []
    let findings = TaggedAttempt.all(context).compactMap { one -> Finding? in
      guard told.insert(one.id).inserted else { return nil }
      let untagged = one.untagged(context)
      let gap = context.gap(at: [context.parentIn], [one.attempt])
      let evidence =
        [
          Evidence(
            .trajectory,
            "\(one.attempt.summary) left \(context.parent.name) with the tag of VLAN \(one.id)"),
          Evidence(.counter, "\(count) frames came in from other machines, and not one of them had a tag"),
        ]
        + (untagged.isEmpty
          ? []
          : [
            Evidence(
              .trajectory,
              "\(untagged.count) of them belong to the network of \(one.vlan.name): the tag was taken off")
          ]) + [Platform.evidence(context.observation.hardware, context.parent)].compactMap(\.self) + [
          Evidence(
            .state, "missing for proof: \(gap ?? "the hypervisor's setting for this machine's adapter")")
        ]
      return finding(
        untagged.isEmpty ? .possible : .likely,
        title: "the virtual switch of \(context.parent.name) tags by itself: VLAN \(one.id) is tagged twice",
        subjects: [one.vlan.id.description, one.attempt.target.description], evidence: evidence,
        fixes: [fix(platform, context.parent, one.id)])
    }
    return .findings(findings, explaining: TaggedAttempt.explained(by: findings, context))
  }

  private static func fix(_ platform: Platform, _ parent: Interface, _ id: VLANID) -> Fix {
    let adapter = "the adapter with MAC address \(parent.mac.map { "\($0)" } ?? "?")"
    let trunk =
      switch platform {
      case .vmware:
        "in vSphere, set the VLAN ID of the port group of \(adapter) to 4095 (distributed switch: VLAN trunking)"
      case .hyperV:
        "on the Hyper-V host: `Set-VMNetworkAdapterVlan -VMName NAME -Trunk -AllowedVlanIdList \(id) -NativeVlanId 0`"
      default: "on the hypervisor, take the tag off \(adapter) (Proxmox: no `tag=`; or `trunks=\(id)`)"
      }
    return Fix(
      "To tag here, \(trunk). Or leave the tag to it: put addresses and children on \(parent.name) itself.")
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard !TaggedAttempt.all(context).isEmpty, let hardware = context.observation.hardware else { return nil }
    return Platform(hardware).isVirtual ? nil : "\(context.parent.name) hangs on no hypervisor's switch"
  }
}
