import NetworkAddresses
import TraceModel

/// `bpdu-guard`: the switch disabled its port when a bridge behind it spoke the Spanning Tree Protocol.
enum BPDUGuard: Rule {
  static let card = RuleCard(
    id: "bpdu-guard", title: "the switch port went down after BPDUs left this host", severity: .error,
    explanation: """
      A bridge on this host or in a container speaks the Spanning Tree Protocol. Many switches disable a port for hosts as \
      soon as they hear that on it (BPDU guard): the link goes down for every child of the parent, until somebody enables \
      the port again.
      """,
    proof: """
      BPDUs (to 01:80:c2:00:00:00) left the parent, which had a carrier when observing began and has none now.
      """,
    fix: """
      Turn STP off in that bridge (`ip link set BRIDGE type bridge stp_state 0`), then enable the switch port again \
      (`shutdown`, `no shutdown`).
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard isCause(context) else { return .findings([]) }
    let senders = Set(sent(context).map(\.source)).sorted()
    let count = sent(context).reduce(0) { $0 + $1.frames }
    // A bridge's port has a MAC address of its own, which it also sends from.
    let children = context.topology.children.filter { child in
      context.observation.counters.contains {
        $0.hook == Hook(child.id, .egress) && isBPDU($0.destination)
      }
    }
    let whence = children.isEmpty ? senders.map(\.description) : children.map(\.label)
    let commands = Commands(context: context)
    let look = children.map { "`\(commands.inside($0, "ip link set BRIDGE type bridge stp_state 0"))`" }
    return .findings(
      [
        finding(
          .likely, title: "\(context.parent.name) lost its carrier after BPDUs left it",
          subjects: [context.parent.id.description] + children.map(\.id.description),
          evidence: [
            Evidence(
              .counter,
              "\(count) BPDUs left \(context.parent.name), sent by \(whence.joined(separator: ", "))"),
            Evidence(
              .state,
              "\(context.parent.name) had a carrier when observing began, and has none now, though it is up"),
            Evidence(
              .state,
              "missing for proof: the switch's word (`show interfaces status err-disabled`, or its log)"),
          ],
          fixes: [
            Fix(
              "Turn STP off in the bridge behind \(whence.joined(separator: ", "))"
                + (look.isEmpty ? "" : ": \(look.joined(separator: ", "))")
                + "; then enable the switch port of \(context.parent.name) again (`shutdown`, `no shutdown`)."
            )
          ])
      ], explaining: context.failures)
  }

  /// Whether the parent lost its carrier after BPDUs had left it.
  static func isCause(_ context: DiagnosisContext) -> Bool {
    context.parent.up && !context.parent.carrier
      && context.observation.before.interface(context.parent.id)?.carrier == true && !sent(context).isEmpty
  }

  private static func sent(_ context: DiagnosisContext) -> [Counter] {
    context.observation.counters.filter { $0.hook == context.parentOut && isBPDU($0.destination) }
  }

  static func isBPDU(_ destination: MACAddress) -> Bool {
    destination == LinkLocalGroup.bridge || destination == LinkLocalGroup.perVLANBridge
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard context.parent.up, !context.parent.carrier, sent(context).isEmpty else { return nil }
    return "no BPDU left \(context.parent.name) while it was observed"
  }
}
