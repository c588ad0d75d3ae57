import NetworkAddresses
import TraceModel

/// `default-route-other-net`: the default route of a container in several networks leads by another of them.
enum DefaultRouteOtherNet: Rule {
  static let card = RuleCard(
    id: "default-route-other-net", title: "the default route leads by another network", severity: .error,
    explanation: """
      A container in several networks has one default route, and it leads by another network than the one where the \
      request came in: the answer leaves there, with an address that does not belong there, and gets lost.
      """,
    proof: """
      Requests came in at the interface and no answer left it; the kernel's own way to the sender is the default route by \
      another interface.
      """,
    fix:
      "Choose the network of the default route (with Docker: `gw-priority`), or add a route to the sender's network."
  )

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    Unanswering.outcome(
      Self.self, context, where: { if case .defaultRouteElsewhere = $0 { true } else { false } }
    ) { one, _ in
      (
        "\(one.receiver.label)'s answers to \(one.attempt.source) leave by another network", [one.wayBack],
        [
          NoReturnRoute.fixes(one, context).first,
          Fix(
            "With Docker, give the macvlan network the higher priority: `docker network connect --gw-priority 1 NETWORK "
              + "CONTAINER`."),
        ].compactMap { $0 }
      )
    }
  }
}
