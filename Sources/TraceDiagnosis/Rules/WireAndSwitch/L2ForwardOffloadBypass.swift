import NetworkAddresses
import TraceModel

/// `l2fwd-offload-bypass`: the NIC hands frames to children, past their parent.
enum L2ForwardOffloadBypass: Rule {
  static let card = RuleCard(
    id: "l2fwd-offload-bypass", title: "the NIC hands frames to a child, past the parent", severity: .info,
    explanation: """
      With `l2-fwd-offload` a NIC gives a macvlan child a queue of its own: what is for the child never passes the parent, \
      whose counters, filters and captures see nothing of it. The traffic works; what is looked for at the parent is not \
      there.
      """,
    proof: """
      A child received frames of other machines that the parent's hook did not see, though that saw everything else.
      """,
    fix: "Switch it off where the parent is to see all: `ethtool -K ens33 l2-fwd-offload off`.")

  /// As many frames are no accident of attaching one hook after the other.
  private static let least: UInt64 = 20

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let parent = context.parent
    guard parent.linkKind.isEmpty, context.sees(context.parentIn, from: 0) else { return .findings([]) }
    let bypassed = context.topology.children.filter { child in
      guard child.parent == parent.id, child.kind != .ipvlan, let mac = child.mac else { return false }
      return frames(child.id, to: mac, context) >= least && frames(parent.id, to: mac, context) == 0
    }
    guard !bypassed.isEmpty else { return .findings([]) }
    return .findings([
      finding(
        .likely, title: "\(parent.name) hands frames to its children past itself",
        subjects: [parent.id.description] + bypassed.map(\.id.description),
        evidence: bypassed.prefix(8).map { child in
          Evidence(
            .counter,
            "\(child.label) received \(child.mac.map { frames(child.id, to: $0, context) } ?? 0) frames of other machines; "
              + "\(parent.name) saw none of them")
        } + [
          Evidence(
            .state, "missing for proof: `ethtool -k \(Commands.quoted(parent.name))` shows l2-fwd-offload on")
        ],
        fixes: [
          Fix(
            "Have everything pass the parent.",
            commands: ["ethtool -K \(Commands.quoted(parent.name)) l2-fwd-offload off"])
        ])
    ])
  }

  private static func frames(_ interface: InterfaceID, to mac: MACAddress, _ context: DiagnosisContext)
    -> UInt64
  {
    context.observation.counters.reduce(0) { sum, counter in
      counter.interface == interface && counter.direction == .ingress && counter.destination == mac
        && !context.isLocal(counter.source) ? sum + counter.frames : sum
    }
  }
}
