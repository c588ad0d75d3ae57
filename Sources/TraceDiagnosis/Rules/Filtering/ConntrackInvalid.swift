import NetworkAddresses
import TraceModel

/// `conntrack-invalid`: a stateful filter sees the answers of a connection without its requests.
enum ConntrackInvalid: Rule {
  static let card = RuleCard(
    id: "conntrack-invalid", title: "a firewall sees half of the connection, and drops it", severity: .error,
    explanation: """
      The request took one way and its answer another. The firewall on the way back never saw the request, so the \
      answer belongs to no connection that it knows, and it drops it as invalid.
      """,
    proof: """
      The kernel freed answers in the packet filter of a namespace that saw no request of that flow.
      """,
    fix: "Route both directions through the firewall, or neither.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = FilterCase.all(context).filter { $0.isHalf && $0.place != .output && context.isComplete }
    return FilterFindings.outcome(
      Self.self, context, cases,
      owner: { "\(FilterFindings.name($0, context)), which never saw the requests," },
      note: { one in
        [
          Evidence(
            .trajectory,
            "none of the \(one.flow.noun) came by \(FilterFindings.name(one.dropped.namespace, context)): "
              + "the answer goes another way than the request")
        ]
      },
      fixes: [Fix("Give both ends routes that lead both directions the same way.")])
  }
}
