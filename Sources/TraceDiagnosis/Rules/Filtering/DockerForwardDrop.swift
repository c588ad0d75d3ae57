import TraceModel

/// `docker-set-forward-drop`: Docker on the router closed its forward chain.
enum DockerForwardDrop: Rule {
  static let card = RuleCard(
    id: "docker-set-forward-drop", title: "Docker on the router forbids forwarding", severity: .error,
    explanation: """
      When Docker starts on a machine it sets the policy of the FORWARD chain to drop, so that only what it published \
      is forwarded. On a machine that is also a router that stops everybody else's packets.
      """,
    proof: """
      The kernel freed the forwarded packet with the packet filter as its reason, the FORWARD chain's policy is what \
      dropped it, and Docker's chain DOCKER-USER is in the same table.
      """,
    fix: "Accept the traffic in DOCKER-USER, or start Docker with `ip-forward-no-drop`.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = FilterCase.all(context).compactMap { one -> FilterCase? in
      guard one.place == .forward, let culprit = one.culprit, culprit.rule == nil,
        let user = context.state(one.dropped.namespace)?.filters?.chains.first(where: {
          $0.name == "DOCKER-USER" && $0.family == culprit.chain.family && $0.table == culprit.chain.table
        })
      else { return nil }
      // Docker leaves that chain to its users, and puts everything else anew at each start.
      var moved = one
      moved.exceptionChain = user.name
      return moved
    }
    return FilterFindings.outcome(
      Self.self, context, cases,
      owner: { "Docker's FORWARD policy (drop) on \(FilterFindings.name($0, context))" },
      note: { one in
        [
          Evidence(
            .state, "the chain DOCKER-USER is there: Docker manages \(one.culprit?.chain.table ?? "it")")
        ]
      })
  }
}
