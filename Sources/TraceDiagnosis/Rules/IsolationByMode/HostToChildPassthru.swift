import NetworkAddresses
import TraceModel

/// `host-to-child-passthru`: a passthru child has taken the host's interface.
enum HostToChildPassthru: Rule {
  static let card = RuleCard(
    id: "host-to-child-passthru", title: "a passthru child has taken the host's interface", severity: .error,
    explanation: """
      A macvlan child in passthru mode takes every frame that arrives at its parent: the host itself hears nothing on \
      that interface any more, neither from the child nor from anybody else.
      """,
    proof: """
      What arrived at the parent went to the child, and the host's own requests were never answered.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let isolated = HostChildIsolation.findings(Self.self, context, mode: .passthru, direction: nil)
    guard case .findings(let found) = isolated, found.isEmpty else { return isolated }
    return .findings(deafHost(context))
  }

  /// The host asks others, their answers arrive at the parent, and the child takes them.
  private static func deafHost(_ context: DiagnosisContext) -> [Finding] {
    guard context.parentWorks,
      let child = context.topology.children.first(where: { $0.mode == .passthru && $0.up }),
      !context.isInHostNamespace(child)
    else { return [] }
    let failed = context.failures.filter { $0.asker == .host && !context.isLocal($0.target) }
    let answered = failed.filter { attempt in
      context.observation.sightings.contains { sighting in
        sighting.hook == Hook(child.id, .ingress)
          && (sighting.frame.advertisedAddress == attempt.target
            || (sighting.frame.ip?.source == attempt.target
              && sighting.frame.ip?.destination == attempt.source))
      }
    }
    guard let attempt = answered.first else { return [] }
    let commands = Commands(context: context)
    let evidence =
      answered.map {
        Evidence(
          .trajectory,
          "\($0.summary) left \(context.parent.name); the answers came in and went to \(child.label)")
      } + [Evidence(.state, "\(child.label) is in passthru mode and up")]
    return [
      finding(
        context.isComplete ? .proven : .likely,
        title:
          "this host hears nothing on \(context.parent.name): its passthru child \(child.label) takes it all",
        subjects: [context.parent.id.description, child.id.description, attempt.target.description],
        evidence: evidence,
        fixes: [
          Fix("Make the child anew in bridge mode.", commands: commands.setBridgeMode(child)),
          Fix("Leave the interface to the child, and give the host another one."),
        ])
    ]
  }
}
