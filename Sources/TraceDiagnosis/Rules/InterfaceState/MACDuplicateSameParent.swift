import NetworkAddresses
import TraceModel

/// `mac-dup-same-parent`: a child cannot be set up because a sibling has its MAC address.
enum MACDuplicateSameParent: Rule {
  static let card = RuleCard(
    id: "mac-dup-same-parent", title: "two children of one parent have the same MAC address",
    severity: .error,
    explanation: """
      A parent tells its macvlan children apart by their MAC addresses. The second one with an address that is taken \
      cannot be set up: `ip link set up` fails with "Address already in use", and the child stays down.
      """,
    proof: """
      Frames for the child were seen, it is down, and a sibling that is up has its MAC address.
      """,
    fix: """
      Give the child that is down another MAC address, and set it up.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    var explained: [Attempt] = []
    let findings = context.topology.children.compactMap { child -> Finding? in
      guard let sibling = sibling(of: child, context) else { return nil }
      let attempts = context.failures.filter { child.owns($0.target) || $0.asker == .child(child.id) }
      guard let first = attempts.first else { return nil }
      explained += attempts
      let mac = child.mac.map { "\($0)" } ?? "?"
      let commands = Commands(context: context)
      let name = Commands.quoted(child.name)
      return finding(
        .proven, title: "\(child.label) cannot be set up: \(sibling.label) has its MAC address",
        subjects: [child.id.description, sibling.id.description, mac, first.target.description],
        evidence: attempts.map { Evidence(.trajectory, "\($0.summary) were seen and not answered") } + [
          Evidence(.state, "\(child.label) is administratively down"),
          Evidence(
            .state, "\(mac) is the MAC address of \(child.label) and of \(sibling.label), which is up"),
        ],
        fixes: [
          Fix(
            "Give it a MAC address of its own, and set it up.",
            commands: [
              commands.inside(child, "ip link set dev \(name) address \(commands.unusedMAC(for: child))"),
              commands.inside(child, "ip link set dev \(name) up"),
            ])
        ])
    }
    return .findings(findings, explaining: explained)
  }

  /// The sibling that keeps a child down.
  static func sibling(of child: Interface, _ context: DiagnosisContext) -> Interface? {
    guard !child.up, child.kind != .ipvlan, child.id.namespace != 0, let mac = child.mac else { return nil }
    return context.topology.children(withMAC: mac).first {
      $0.id != child.id && $0.parent == child.parent && $0.up
    }
  }
}
