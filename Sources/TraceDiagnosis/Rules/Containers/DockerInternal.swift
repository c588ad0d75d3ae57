import NetworkAddresses
import TraceModel

/// `docker-internal`: the container's network was made to lead nowhere.
enum DockerInternal: Rule {
  static let card = RuleCard(
    id: "docker-internal", title: "the container's network is internal", severity: .error,
    explanation: """
      A network made with `docker network create --internal` gives its containers no default route, on purpose: they reach \
      their own subnet and nothing else.
      """,
    proof: """
      The container's kernel has no way to the target and no default route, and the engine says that its network is \
      internal.
      """,
    fix: """
      Connect the container to a second network that is not internal, or make this one anew without `--internal`. A default \
      route by hand goes with the container.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let networks = context.observation.containerNetworks.filter(\.isInternal)
    guard !networks.isEmpty else { return .findings([]) }
    return .findings(
      GatewayMissing.cases(context).compactMap { one in
        guard let network = one.sender.container?.network, networks.contains(where: { $0.name == network })
        else { return nil }
        return finding(
          .proven,
          title: one.target.map {
            "\(one.sender.label) has no way to \($0): its network \(network) is internal"
          }
            ?? "\(one.sender.label) tried to send beyond its network \(network), which is internal",
          subjects: [one.sender.id.description] + (one.target.map { [$0.description] } ?? []),
          evidence: one.evidence + [
            Evidence(.state, "the engine says that the network \(network) is internal")
          ],
          fixes: [
            Fix(
              "Connect it to a second network that is not internal: `docker network connect NETWORK CONTAINER`."
            ),
            Fix(
              "Or make \(network) anew without --internal, and with `--gateway` and `-o parent=\(context.parent.name)`."
            ),
          ])
      })
  }

  /// Whether that is why somebody has no default route.
  static func explains(_ sender: Interface, _ context: DiagnosisContext) -> Bool {
    guard let network = sender.container?.network else { return false }
    return context.observation.containerNetworks.contains { $0.isInternal && $0.name == network }
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let network = context.sender(of: run)?.container?.network,
      let known = context.observation.containerNetworks.first(where: { $0.name == network }),
      !known.isInternal
    else { return nil }
    return "the engine says that the network \(network) is not internal"
  }
}
