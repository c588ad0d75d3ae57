import TraceModel

/// `container-firewall`: a packet filter inside the container's own namespace.
enum ContainerFirewall: Rule {
  static let card = RuleCard(
    id: "container-firewall", title: "a firewall inside the container drops it", severity: .error,
    explanation: """
      The container has packet filter rules of its own: a container's network namespace has its own nftables and \
      iptables, which the host's rules neither show nor change. The network carried the packet as it should.
      """,
    proof: """
      The kernel freed the packet in the container's namespace with the packet filter as its reason.
      """,
    fix: "Add an exception to the rules inside the container's namespace.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = FilterCase.all(context).filter {
      $0.place != .forward && $0.dropped.namespace != context.parent.id.namespace
    }
    return FilterFindings.outcome(
      Self.self, context, cases,
      owner: { "a firewall inside \(FilterFindings.name($0, context))" })
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let namespace = run.to.namespace, namespace != context.parent.id.namespace,
      context.topology.namespace(namespace) != nil, context.isComplete
    else { return nil }
    return "no packet filter in \(run.to.label)'s namespace freed a packet of the probe"
  }
}
