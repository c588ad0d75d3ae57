import TraceModel

/// `mtu-child-above-parent`: children were made smaller with their parent.
enum MTUChildAboveParent: Rule {
  static let card = RuleCard(
    id: "mtu-child-above-parent", title: "the parent's MTU was lowered, and its children's with it",
    severity: .warning,
    explanation: """
      A child's MTU cannot be above its parent's: making one so is refused ("Invalid argument"), and when the parent's is \
      lowered, the kernel lowers its children's without a word. When the parent's is raised again, theirs stay low. Packets \
      that fitted before are refused ("Message too long"), or come in pieces.
      """,
    proof: """
      While it was observed the parent's MTU was lowered, and a child's that was above it fell to the same.
      """,
    fix: "Raise the parent's MTU, then each child's: `ip link set dev ens33 mtu 1500`.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    for lower in context.topology.interfaces where context.isLower(lower.id) {
      guard let earlier = context.observation.before.interface(lower.id), earlier.mtu > lower.mtu,
        lower.mtu > 0
      else { continue }
      let shrunk = context.topology.children.compactMap { child -> (child: Interface, mtu: Int)? in
        guard child.parent == lower.id, let then = context.observation.before.interface(child.id)?.mtu,
          then > lower.mtu, child.mtu == lower.mtu
        else { return nil }
        return (child, then)
      }
      guard !shrunk.isEmpty else { continue }
      let commands = Commands(context: context)
      let changes = shrunk.map { one in
        commands.inside(
          one.child, "ip link set dev \(Commands.quoted(one.child.name)) mtu \(one.mtu)")
      }
      findings.append(
        finding(
          .proven,
          title:
            "\(lower.name)'s MTU was lowered to \(lower.mtu), and that of \(shrunk.count) children with it",
          subjects: [lower.id.description] + shrunk.map(\.child.id.description),
          evidence: [
            Evidence(.state, "\(lower.name)'s MTU was \(earlier.mtu) and is \(lower.mtu)")
          ] + shrunk.map { Evidence(.state, "\($0.child.label)'s was \($0.mtu) and is \($0.child.mtu)") },
          fixes: [
            Fix(
              "Raise the parent's MTU again, then its children's.",
              commands: ["ip link set dev \(Commands.quoted(lower.name)) mtu \(earlier.mtu)"] + changes)
          ]))
    }
    return .findings(findings)
  }
}
