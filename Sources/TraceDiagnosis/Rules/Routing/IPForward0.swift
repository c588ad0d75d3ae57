import NetworkAddresses
import TraceModel

/// `ip-forward-0`: who should pass packets on does not forward.
enum IPForward0: Rule {
  static let card = RuleCard(
    id: "ip-forward-0", title: "the router does not forward", severity: .error,
    explanation: """
      The packets are handed to this machine or container to be passed on, but forwarding is off there: its kernel drops \
      what is not for itself.
      """,
    proof: """
      Packets for another address came in at the router's own MAC address and none left it; forwarding is 0 there.
      """,
    fix: "Switch forwarding on (net.ipv4.ip_forward=1), or correct who uses it as a router.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    var told: Set<UInt64> = []
    for transit in Transit.all(context) where transit.forwards(context) == false {
      // An address of a child of this host on the same segment: the sender has an old MAC address, not a route.
      if context.isMisaddressed(transit) { continue }
      explained.append(transit.attempt)
      let router = transit.router
      guard told.insert(router.id.namespace).inserted else { continue }
      let isIPv4 = transit.attempt.target.isIPv4
      let gap = context.gap(at: [Hook(router.id, .egress)], [transit.attempt])
      let setting = isIPv4 ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding"
      let errors =
        context.increase(isIPv4 ? "Ip.InAddrErrors" : "Ip6InAddrErrors", in: router.id.namespace) ?? 0
      findings.append(
        finding(
          gap == nil ? .proven : .likely, title: "\(router.label) is used as a router and does not forward",
          subjects: [router.id.description, transit.attempt.target.description],
          evidence: transit.evidence(context) + [
            Evidence(.state, "forwarding is off in \(router.namespace) (\(setting)=0)")
          ] + (errors > 0 ? [Evidence(.counter, "Ip.InAddrErrors rose by \(errors) there")] : [])
            + (gap.map { [Evidence(.counter, "missing for proof: \($0)")] } ?? []),
          fixes: [
            Fix(
              "Switch forwarding on.",
              commands: [Commands(context: context).inside(router, "sysctl -w \(setting)=1")]),
            Fix("Or correct the route of \(context.name(transit.attempt.asker)), if this is no router."),
          ]))
    }
    return .findings(findings, explaining: explained)
  }
}
