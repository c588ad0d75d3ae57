import NetworkAddresses
import TraceModel

/// `rp-filter-strict`: strict reverse path filtering takes the packets for spoofed ones.
enum RPFilterStrict: Rule {
  static let card = RuleCard(
    id: "rp-filter-strict", title: "strict reverse path filtering", severity: .error,
    explanation: """
      With rp_filter=1 the kernel accepts a packet only by the interface by which it would answer. Its way to the sender \
      leads by another one, so it drops the packet; ARP requests it does not even answer.
      """,
    proof: """
      Requests came in at an interface with rp_filter=1 and no answer left it; the kernel's own way to the sender leads \
      by another interface. Or packets were freed as IP_RPFILTER.
      """,
    fix: "Set rp_filter to 2 (loose) on the interface, or have the route to the sender lead by it.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let outcome = Unanswering.outcome(
      Self.self, context, where: { if case .strictReversePath = $0 { true } else { false } }
    ) { one, _ in
      (
        "\(one.receiver.label) drops what \(one.attempt.source) sends: reverse path filtering",
        [one.wayBack] + state(one.receiver, context), fixes(one.receiver, context)
      )
    }
    guard case .findings(var findings, let explained, _) = outcome else { return outcome }
    let told = Set(findings.flatMap(\.subjects))
    for (interface, count, source) in dropped(context) where !told.contains(interface.id.description) {
      findings.append(
        finding(
          .proven, title: "\(interface.label) drops what \(source) sends: reverse path filtering",
          subjects: [interface.id.description, source.description],
          evidence: [Evidence(.drop, "\(count) packets freed at \(interface.label): IP_RPFILTER")]
            + state(interface, context), fixes: fixes(interface, context)))
    }
    return .findings(findings, explaining: explained)
  }

  /// What was freed for that reason, by the interface where it had come in; without what others send to everybody.
  private static func dropped(_ context: DiagnosisContext) -> [(Interface, Int, IPAddress)] {
    var found: [(Interface, Int, IPAddress)] = []
    for trajectory in context.trajectories
    where trajectory.drops.contains(where: { $0.reason == "IP_RPFILTER" }) {
      guard let seen = trajectory.sightings.last(where: { $0.hook.direction == .ingress }),
        let ip = seen.frame.ip, !ip.destination.isMulticast, !seen.frame.destination.isMulticast,
        let interface = context.interface(seen.hook.interface)
      else { continue }
      if let index = found.firstIndex(where: { $0.0.id == interface.id }) {
        found[index].1 += 1
      } else {
        found.append((interface, 1, ip.source))
      }
    }
    return found
  }

  private static func state(_ interface: Interface, _ context: DiagnosisContext) -> [Evidence] {
    let namespace = interface.id.namespace
    let count =
      context.increase("TcpExt.IPReversePathFilter", in: namespace)
      ?? context.increase("IpExt.IPReversePathFilter", in: namespace)
    return [
      Evidence(
        .state,
        "rp_filter is \(context.highest("rp_filter", of: interface).map(String.init) ?? "not known") on \(interface.label)"
      )
    ] + (count.map { $0 > 0 ? [Evidence(.counter, "TcpExt.IPReversePathFilter rose by \($0)")] : [] } ?? [])
  }

  private static func fixes(_ interface: Interface, _ context: DiagnosisContext) -> [Fix] {
    [
      Fix(
        "Filter loosely: accept what could be answered by any interface.",
        commands: [Commands(context: context).set("rp_filter", to: 2, of: interface)]),
      Fix("Or have the route to the sender lead by \(interface.label)."),
    ]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let id = run.to.interface, let interface = context.interface(id), run.to.address?.isIPv4 == true,
      let value = context.highest("rp_filter", of: interface), value != 1
    else { return nil }
    return "rp_filter is \(value) on \(interface.label): not strict"
  }
}
