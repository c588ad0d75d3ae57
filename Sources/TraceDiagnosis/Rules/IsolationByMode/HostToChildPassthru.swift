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
      """,
    fix: """
      Make the child anew in bridge mode: into and out of passthru mode the kernel does not change one. Or leave the \
      interface to the child, and give the host another one.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let isolated = HostChildIsolation.findings(Self.self, context, mode: .passthru, direction: nil)
    guard case .findings(let found, _, _) = isolated, found.isEmpty else { return isolated }
    return .findings(deafHost(context))
  }

  /// The host asks others and their answers go to the child, or others ask the host and the child gets that.
  private static func deafHost(_ context: DiagnosisContext) -> [Finding] {
    guard context.parentWorks,
      let child = context.topology.children.first(where: { $0.mode == .passthru && $0.up }),
      !context.isInHostNamespace(child), let lower = context.lower(of: child)
    else { return [] }
    let childIn = Hook(child.id, .ingress)
    let stolen = context.failures.filter { attempt in
      switch attempt.asker {
      case .host(let id):
        id == lower.id && !context.isLocal(attempt.target)
          && context.observation.sightings.contains { $0.hook == childIn && attempt.isAnswered(by: $0.frame) }
      case .wire:
        context.isHostAddress(attempt.target) && attempt.unanswered.contains { $0.passed(childIn) }
      case .child: false
      }
    }
    guard let attempt = stolen.first else { return [] }
    let commands = Commands(context: context)
    let evidence =
      stolen.map { attempt in
        let way =
          attempt.hostInterface != nil
          ? "left \(lower.name); the answers came in" : "came in at \(lower.name)"
        return Evidence(.trajectory, "\(attempt.summary) \(way) and went to \(child.label)")
      } + [Evidence(.state, "\(child.label) is in passthru mode and up")]
    return [
      finding(
        context.isComplete ? .proven : .likely,
        title:
          "this host hears nothing on \(lower.name): its passthru child \(child.label) takes it all",
        subjects: [lower.id.description, child.id.description, attempt.target.description],
        evidence: evidence,
        fixes: [
          Fix("Make the child anew in bridge mode.", commands: commands.setBridgeMode(child)),
          Fix("Leave the interface to the child, and give the host another one."),
        ])
    ]
  }
}
