import NetworkAddresses
import TraceModel

/// `registry-on-own-macvlan`: the host's container engine cannot pull from a registry in one of the host's own containers.
enum RegistryOnOwnMacvlan: Rule {
  static let card = RuleCard(
    id: "registry-on-own-macvlan", title: "the registry is a container on this host's own macvlan",
    severity: .error,
    explanation: """
      The container engine pulls images from the host's own network, and the registry is one of the host's own macvlan \
      children: the two never hear each other inside the host. Other machines reach the registry, this one does not.
      """,
    proof: """
      What the host sent to the child left on the wire and did not reach it, as with every host and its own macvlan \
      child, and it was for the port on which a registry listens there.
      """,
    fix: "Give the host a macvlan interface of its own, or run the registry on a bridge network.")

  /// The port of the registry's image (distribution); others are known by the container's name.
  private static let port: UInt16 = 5000

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let host = context.parent.id.namespace
    let run = context.observation.probeRun
    let asked = context.flows.map(\.flow).filter { $0.kind == .tcp && context.isLocal($0.asker, in: host) }
    let registries = context.topology.children.filter { child in
      guard !context.isInHostNamespace(child) else { return false }
      var ports = Set(asked.filter { child.owns($0.target) }.map(\.port))
      if let run, run.protocol == .tcp, run.from.namespace == host, let port = run.port,
        run.to.address.map(child.owns) == true
      {
        ports.insert(port)
      }
      let heard = context.state(child.id.namespace)?.listeners?.filter { $0.protocol == .tcp }.map(\.port)
      let isNamed = child.container?.name.contains("registry") == true
      return ports.contains { port in (isNamed || port == Self.port) && heard?.contains(port) == true }
    }
    guard !registries.isEmpty else { return .findings([]) }
    var findings: [Finding] = []
    var explained: Set<Flow> = []
    for mode in [ChildMode.bridge, .private, .vepa] {
      guard
        case .findings(let found, _, _) = HostChildIsolation.findings(
          Self.self, context, mode: mode, direction: .egress)
      else { continue }
      for var finding in found {
        guard let child = registries.first(where: { finding.subjects.contains($0.id.description) }) else {
          continue
        }
        finding.title = "this host cannot pull from the registry in its own macvlan child \(child.label)"
        finding.evidence.append(Evidence(.state, "a registry listens there"))
        findings.append(finding)
        for attempt in context.failures where attempt.hostInterface != nil && child.owns(attempt.target) {
          for kind in [Flow.Kind.resolution, .echo, .tcp] {
            explained.insert(Flow(kind: kind, asker: attempt.source, target: attempt.target))
          }
        }
      }
    }
    return .findings(findings, flows: explained)
  }
}
