import NetworkAddresses
import TraceModel

/// `asymmetric-path`: the answer takes another way than the request, and does not arrive.
enum AsymmetricPath: Rule {
  static let card = RuleCard(
    id: "asymmetric-path", title: "the answer takes another way", severity: .warning,
    explanation: """
      Who is asked answers by another interface than the one where the request came in. That works as long as nobody on \
      that way minds; here the answer does not arrive.
      """,
    proof: """
      Requests came in at the interface, no answer left it, and none arrived; the kernel's own way to the sender leads by \
      another interface.
      """,
    fix: "Have the route to the sender lead by the interface where its requests come in.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    Unanswering.outcome(
      Self.self, context, where: { if case .otherInterface = $0 { true } else { false } }
    ) { one, _ in
      let receiver = one.receiver
      let way = one.back?.route.flatMap { _ in
        context.route(to: one.attempt.source, in: receiver.id.namespace)?.destination
      }
      let isIPv4 = one.attempt.source.isIPv4
      let router = one.router(context)
      let isDirect = router == nil || router == one.attempt.source
      return (
        "\(receiver.label)'s answers to \(one.attempt.source) leave by another interface",
        [one.wayBack] + (way.map { [Evidence(.state, "the route that matches is `\($0)`")] } ?? []),
        [
          Fix(
            "Have the route to \(one.attempt.source) lead by \(receiver.label).",
            commands: [
              Commands(context: context).route(
                "replace", "\(IPPrefix(host: one.attempt.source))", isIPv4: isIPv4,
                via: isDirect ? nil : router,
                receiver)
            ])
        ]
      )
    }
  }
}
