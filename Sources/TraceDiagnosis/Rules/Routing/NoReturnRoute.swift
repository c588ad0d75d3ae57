import NetworkAddresses
import TraceModel

/// `no-return-route`: who is asked has no way back to who asks.
enum NoReturnRoute: Rule {
  static let card = RuleCard(
    id: "no-return-route", title: "no way back to who asks", severity: .error,
    explanation: """
      The request arrives, but the network of who asks is in no route of who should answer: the kernel cannot send the \
      answer anywhere, and drops nothing that could be seen. A container without a default route is reached from its \
      own subnet alone.
      """,
    proof: """
      Requests came in at the interface and no answer left it; asked for its way to the sender, the kernel of that \
      namespace has none.
      """,
    fix:
      "Give the one that should answer a route to the network of the one that asks, mostly a default route.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    Unanswering.outcome(
      Self.self, context, where: { if case .noRoute = $0 { true } else { false } }
    ) { one, _ in
      (
        "\(one.receiver.label) has no route back to \(one.attempt.source)", [one.wayBack],
        fixes(one, context)
      )
    }
  }

  /// A route to the asker alone: by the router that handed the request over, or direct.
  static func fixes(_ one: Unanswering, _ context: DiagnosisContext) -> [Fix] {
    let commands = Commands(context: context)
    let receiver = one.receiver
    let isIPv4 = one.attempt.source.isIPv4
    let router = one.router(context)
    let isDirect = router == nil || router == one.attempt.source
    var fixes = [
      Fix(
        isDirect
          ? "Give \(receiver.label) a route to \(one.attempt.source), which is on its own segment."
          : "Give \(receiver.label) a route to \(one.attempt.source) by the router that handed the request over.",
        commands: [
          commands.route(
            "add", "\(IPPrefix(host: one.attempt.source))", isIPv4: isIPv4, via: isDirect ? nil : router,
            receiver)
        ])
    ]
    if !context.hasDefaultRoute(one.attempt.source, in: receiver.id.namespace),
      let gateway = context.usualGateway(of: receiver, forIPv4: isIPv4)
    {
      fixes.append(
        Fix(
          "Give it the default route that others beside it have (with Docker: `docker network create --gateway`).",
          commands: [commands.route("add", "default", isIPv4: isIPv4, via: gateway, receiver)]))
    }
    return fixes
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let own = run.from.address ?? context.lookup(of: run)?.route?.preferredSource,
      let namespace = run.to.namespace, let back = context.lookup(to: own, in: namespace), back.error == nil
    else { return nil }
    return "\(run.to.label) has a route back to \(own)"
  }
}
