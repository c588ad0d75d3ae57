import NetworkAddresses
import TraceModel

/// `ipv6-dad-failed`: somebody else has the address, so that the kernel does not use it.
enum IPv6DADFailed: Rule {
  static let card = RuleCard(
    id: "ipv6-dad-failed", title: "duplicate address detection failed", severity: .error,
    explanation: """
      Before an IPv6 address is used the kernel asks whether somebody has it. Somebody did when this one was given: the \
      address stands on the interface and is not used, and nobody gets an answer from it.
      """,
    proof: """
      The address is marked as a duplicate (dadfailed), and what was sent to it was not answered.
      """,
    fix: "Find who else has the address, or choose another; then give it anew.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    for namespace in context.topology.namespaces {
      for unusable in context.state(namespace.id)?.unusableAddresses ?? [] where unusable.isDuplicate {
        guard let interface = context.interface(unusable.interface) else { continue }
        let attempts = context.failures.filter { $0.target == unusable.address }
        let isProbed =
          context.observation.probeRun.map { !$0.works && $0.to.address == unusable.address } ?? false
        guard !attempts.isEmpty || isProbed else { continue }
        explained += attempts
        let prefix =
          interface.addresses.first { $0.address == unusable.address } ?? IPPrefix(host: unusable.address)
        let commands = Commands(context: context)
        let name = Commands.quoted(interface.name)
        findings.append(
          finding(
            .proven, title: "\(unusable.address) of \(interface.label) is a duplicate and not used",
            subjects: [interface.id.description, unusable.address.description],
            evidence: attempts.map {
              Evidence(.trajectory, "\($0.summary) from \(context.name($0.asker)) were not answered")
            } + [Evidence(.state, "\(interface.label)'s address \(prefix) is marked dadfailed")],
            fixes: [
              Fix(
                "Find who else has \(unusable.address) and give one of them another; then give it anew, which asks once "
                  + "more.",
                commands: [
                  commands.inside(interface, "ip address delete \(prefix) dev \(name)"),
                  commands.inside(interface, "ip address add \(prefix) dev \(name)"),
                ])
            ]))
      }
    }
    return .findings(findings, explaining: explained)
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let target = run.to.address, !target.isIPv4, let namespace = run.to.namespace,
      let state = context.state(namespace), !state.unusableAddresses.contains(where: { $0.address == target })
    else { return nil }
    return "\(target) is in use: no duplicate of it was found"
  }
}
