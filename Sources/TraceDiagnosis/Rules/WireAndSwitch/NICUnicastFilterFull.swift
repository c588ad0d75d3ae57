import NetworkAddresses
import TraceModel

/// `nic-uc-filter-full`: the network card does not take frames for a child's MAC address.
enum NICUnicastFilterFull: RefusalRule {
  static let card = RuleCard(
    id: "nic-uc-filter-full", title: "the network card filters out frames for a child", severity: .error,
    explanation: """
      A network card takes frames for a list of MAC addresses. Each macvlan child adds one; when the list is full, the \
      driver has to have the card take everything, and some drivers do not. Then children made last get broadcasts, and no \
      unicast frame.
      """,
    proof: """
      A station answered another of this host's MAC addresses; it hears the child, as it asks no more once the child has \
      answered, and no frame for the child comes in, while the parent is not promiscuous.
      """,
    fix: """
      `ip link set dev PARENT promisc on` has the card take every frame; or have fewer children on it.
      """)

  static let missing = "that it works while the parent is promiscuous, which macvtrace does not try by itself"

  static func isCause(_ cause: RefusalCause) -> Bool { if case .cardFilter = cause { true } else { false } }

  static func title(_ children: String, _ context: DiagnosisContext, _ cause: RefusalCause) -> String {
    "\(context.parent.name)'s card does not take frames for \(children)'s MAC address"
  }

  static func evidence(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Evidence] {
    let count = Set(context.topology.children.filter { $0.up }.compactMap(\.mac)).count
    return [
      Evidence(
        .state,
        "\(count) children's MAC addresses are in \(context.parent.name)'s filter, and it is not promiscuous")
    ] + [Platform.evidence(context.observation.hardware, context.parent)].compactMap(\.self)
  }

  static func fixes(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Fix] {
    [
      Fix(
        "Have the card take every frame; where that helps, it was the card's filter. It costs some CPU.",
        commands: ["ip link set dev \(Commands.quoted(context.parent.name)) promisc on"]),
      Fix("Have fewer children on \(context.parent.name), or update its driver."),
    ]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    if context.parent.promiscuity > 0 {
      return runnerUp(
        context, where: { _ in true }, "\(context.parent.name) is promiscuous: its card takes every frame")
    }
    return runnerUp(
      context,
      where: { if case .portSecurity = $0 { true } else { false } },
      "nothing shows that what the child sends arrives; if it works after `ip link set dev "
        + "\(Commands.quoted(context.parent.name)) promisc on`, it is this cause after all")
  }
}
