import NetworkAddresses
import TraceModel

/// `port-publish-ignored`: a container's port is asked for at its host, which does not forward it.
enum PortPublishIgnored: Rule {
  static let card = RuleCard(
    id: "port-publish-ignored", title: "the port is the container's, not the host's", severity: .error,
    explanation: """
      The host was asked for a port on which a macvlan container listens. Publishing a port (`-p`) has no effect on a \
      macvlan network: no rule leads from the host's address to the container, which has an address of its own.
      """,
    proof: """
      The host's kernel refused the connection, nobody listens on that port in the host's namespace, no rule there \
      rewrites the destination, and a child on this parent listens on that very port.
      """,
    fix: "Use the container's own address.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let host = context.parent.id.namespace
    var findings: [Finding] = []
    var explained: Set<Flow> = []
    for traffic in context.flows where traffic.flow.kind == .tcp && !context.isExplained(traffic.flow) {
      let flow = traffic.flow
      guard context.isLocal(flow.target, in: host), let last = traffic.refusals.last,
        !traffic.answers.contains(where: { $0.start > last.start }),
        !traffic.requests.contains(where: { $0.drops.contains(where: FilterCase.isFiltered) }),
        let state = context.state(host), let own = state.listeners,
        !own.contains(where: { $0.protocol == .tcp && $0.port == flow.port }),
        !translates(state.filters)
      else { continue }
      let listening = context.topology.children.filter { child in
        !context.isInHostNamespace(child)
          && context.state(child.id.namespace)?.listeners?.contains {
            $0.protocol == .tcp && $0.port == flow.port && !$0.address.isLoopback
          } == true
      }
      guard let child = listening.first else { continue }
      let address = child.addresses.map(\.address).first {
        $0.isIPv4 == flow.target.isIPv4 && !$0.isLinkLocal
      }
      let place = address.map { "\($0) port \(flow.port)" } ?? child.label
      explained.insert(flow)
      findings.append(
        finding(
          .proven,
          title: "port \(flow.port) of this host leads to no container: \(child.label) has it itself",
          subjects: [child.id.description, flow.target.description, "\(flow.port)"],
          evidence: [
            Evidence(
              .trajectory,
              "\(traffic.requests.count) \(flow.noun) from \(flow.asker) to this host (\(flow.target)) were refused"
            ),
            Evidence(.state, "nobody listens on TCP port \(flow.port) in this host's namespace"),
            Evidence(.state, "no rule there rewrites a destination"),
            Evidence(
              .state,
              "on that port listens \(listening.map(\.label).joined(separator: ", ")), a macvlan child of \(context.parent.name)"
            ),
          ],
          fixes: [
            Fix(
              "Ask for \(place) instead. This host itself reaches its own child by that address only through a macvlan "
                + "interface of its own.")
          ]))
    }
    return .findings(findings, flows: explained)
  }

  private static func translates(_ filters: PacketFilters?) -> Bool {
    guard let filters else { return true }
    return filters.legacyTables.contains("nat")
      || filters.chains.contains { chain in
        chain.rules.contains { rule in
          guard case .translate(let name) = rule.action else { return false }
          return name == "DNAT" || name == "NAT" || name == "REDIRECT"
        }
      }
  }
}
