import NetworkAddresses
import TraceModel

/// `docker-desktop-vm`: the parent is an interface of a virtual machine that hides behind the real host.
enum DockerDesktopVM: Rule {
  static let card = RuleCard(
    id: "docker-desktop-vm", title: "the parent is inside Docker Desktop's virtual machine", severity: .error,
    explanation: """
      Docker Desktop runs containers in a virtual machine, whose eth0 ends in a program on the real machine and not on its \
      network. A macvlan network on that interface is cut off: nobody on the LAN sees its frames.
      """,
    proof: """
      What the children sent left the parent and nothing answered, and the kernel is that of Docker Desktop's machine.
      """,
    fix:
      "Run the engine on a Linux host (or in a virtual machine with a bridged adapter) for macvlan networks.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let kernel = context.observation.host.kernel
    guard context.parentWorks, kernel.hasSuffix("-linuxkit") || kernel.contains("microsoft-standard-WSL")
    else {
      return .findings([])
    }
    let attempts = context.failures.filter { attempt in
      guard case .child = attempt.asker, !context.isLocal(attempt.target) else { return false }
      return attempt.unanswered.contains { $0.passed(context.parentOut) }
        && context.answersAtParent(attempt).isEmpty
    }
    guard let first = attempts.first else { return .findings([]) }
    return .findings(
      [
        finding(
          .likely, title: "\(context.parent.name) is inside Docker Desktop's virtual machine, off the LAN",
          subjects: [context.parent.id.description, first.target.description],
          evidence: attempts.prefix(8).map {
            Evidence(.trajectory, "\($0.summary) left \(context.parent.name); no answer came in")
          } + [
            Evidence(.state, "the kernel is \(kernel), as Docker Desktop's virtual machine has"),
            Evidence(.state, "missing for proof: a look at the real machine's own interface"),
          ],
          fixes: [
            Fix("Run the engine on a Linux host, or in a virtual machine with a bridged adapter."),
            Fix("Or use a bridge network with published ports: Docker Desktop passes those on."),
          ])
      ], explaining: attempts)
  }
}
