import NetworkAddresses
import TraceModel

/// `icmp-ignored`: the target is set to leave echo requests unanswered.
enum ICMPIgnored: Rule {
  static let card = RuleCard(
    id: "icmp-ignored", title: "the target ignores pings by a setting", severity: .error,
    explanation: """
      The ping arrived, and the target's kernel is told not to answer pings. Nothing else is affected: a service on \
      the same address works.
      """,
    proof: """
      Echo requests arrived in the target's namespace, no reply left it, no packet was freed, and its setting \
      echo_ignore_all is on.
      """,
    fix: "Set echo_ignore_all to 0 in the target's namespace, or test with a port instead of a ping.")

  static func setting(_ isIPv4: Bool) -> String {
    isIPv4 ? "ipv4/icmp_echo_ignore_all" : "ipv6/icmp/echo_ignore_all"
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: Set<Flow> = []
    for traffic in context.flows where traffic.flow.kind == .echo && !context.isExplained(traffic.flow) {
      let flow = traffic.flow
      let setting = Self.setting(flow.target.isIPv4)
      guard let namespace = context.home(of: flow.target),
        let value = context.setting(setting, in: namespace), value != "0",
        let last = traffic.requests.last
      else { continue }
      let answered = traffic.answers.last?.start ?? 0
      let tries = traffic.requests.filter { $0.start > answered }
      let arrived = tries.compactMap { context.arrival($0, in: namespace) }
      guard let hook = arrived.last?.hook, let first = tries.first, context.isOver(flow, since: first.start),
        !tries.contains(where: { !$0.drops.isEmpty })
      else { continue }
      let out = Hook(hook.interface, .egress)
      let isProven = context.isComplete && context.sees(out, from: last.start)
      let label = context.interface(hook.interface)?.label ?? "the target"
      let name = setting.replacing("/", with: ".")
      var evidence = [
        Evidence(
          .trajectory, "\(arrived.count) echo requests from \(flow.asker) came in at \(label); no reply left"),
        Evidence(.state, "net.\(name) is \(value) in \(FilterFindings.name(namespace, context))"),
      ]
      if let asked = context.increase(flow.target.isIPv4 ? "Icmp.InEchos" : "Icmp6InEchos", in: namespace),
        let replied = context.increase(
          flow.target.isIPv4 ? "Icmp.OutEchoReps" : "Icmp6OutEchoReplies", in: namespace)
      {
        evidence.append(
          Evidence(.counter, "its kernel counted \(asked) echo requests and \(replied) replies meanwhile"))
      }
      if !isProven { evidence.append(Evidence(.counter, "missing for proof: some frames were not recorded")) }
      explained.insert(flow)
      findings.append(
        finding(
          isProven ? .proven : .likely,
          title: "\(FilterFindings.name(namespace, context)) is set to ignore pings",
          subjects: [hook.interface.description, flow.asker.description, flow.target.description],
          evidence: evidence,
          fixes: [
            Fix(
              "Have it answer.",
              commands: [Commands(context: context).inside(namespace, "sysctl -w net.\(name)=0")]),
            Fix("Or leave it so, and test with a port: `macvtrace explain --port`."),
          ]))
    }
    return .findings(findings, flows: explained)
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard run.protocol == .icmp, let target = run.to.address, let namespace = run.to.namespace,
      context.setting(setting(target.isIPv4), in: namespace) == "0"
    else { return nil }
    return "\(run.to.label) is not set to ignore pings"
  }
}
