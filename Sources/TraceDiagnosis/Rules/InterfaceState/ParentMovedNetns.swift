import NetworkAddresses
import TraceModel

/// `parent-moved-netns`: the parent was moved to another network namespace.
enum ParentMovedNetns: Rule {
  static let card = RuleCard(
    id: "parent-moved-netns", title: "the parent was moved to another network namespace", severity: .error,
    explanation: """
      Moving an interface to another network namespace sets it down and takes its addresses away. Its macvlan children \
      stay where they are and still sit on it: as long as it is down there, none of them can send or receive, and the \
      namespace that it left does not have it any more.
      """,
    proof: """
      The parent left its namespace while it was observed, an interface with its MAC address is down in another one, and \
      its children are still there.
      """,
    fix: """
      Set the parent up where it is now (`ip netns exec NAMESPACE ip link set dev ens33 up`), or move it back, set it up \
      and give it its addresses again.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    if let departed = context.observation.departedParent { return departure(departed, context) }
    return isElsewhere(context) ? elsewhere(context) : .findings([])
  }

  /// Seen leaving.
  private static func departure(_ departed: DepartedParent, _ context: DiagnosisContext) -> RuleOutcome {
    let left = Set(departed.survivors)
    let children = context.observation.before.children.filter { left.contains($0.id) }
    // Where it is up its children go on.
    guard !children.isEmpty, departed.interface.map({ !$0.up || !$0.carrier }) ?? true else {
      return .findings([])
    }
    let name = context.parent.name
    var evidence = [Evidence(.state, "\(name) left this namespace while it was observed")]
    if let now = departed.interface {
      evidence.append(
        Evidence(
          .state,
          "it is \(now.name) in \(now.namespace) now, with its MAC address \(now.mac.map { "\($0)" } ?? "?"), and "
            + (now.up ? "has no carrier" : "down")))
    }
    evidence.append(
      Evidence(
        .state,
        "\(children.count) of its children are still there: \(children.prefix(4).map(\.label).joined(separator: ", "))"
      ))
    let attempts = stranded(children, context)
    evidence += attempts.map { Evidence(.trajectory, "\($0.summary) were sent and not answered") }
    if departed.interface == nil {
      evidence.append(
        Evidence(.state, "missing for proof: it is in no namespace that this process can look into"))
    }
    return .findings(
      [
        finding(
          departed.interface == nil ? .likely : .proven,
          title: "\(name) was moved to \(departed.interface?.namespace ?? "another namespace")"
            + (departed.interface?.up == false ? ", where it is down" : ""),
          subjects: [context.parent.id.description] + children.map(\.id.description), evidence: evidence,
          fixes: fixes(departed, context))
      ], explaining: context.isParentGone ? context.failures : attempts)
  }

  /// What its children tried in vain.
  static func stranded(_ children: [Interface], _ context: DiagnosisContext) -> [Attempt] {
    let ids = Set(children.map(\.id))
    return context.failures.filter { attempt in
      if case .child(let id) = attempt.asker { ids.contains(id) } else { false }
    }
  }

  private static func fixes(_ departed: DepartedParent, _ context: DiagnosisContext) -> [Fix] {
    let parent = context.parent
    guard let now = departed.interface, let enter = entering(departed.netnsName, departed.pid) else {
      return [Fix("Set it up in the namespace where it is now, or move it back, and give it its addresses.")]
    }
    let there = Commands.quoted(now.name)
    let here = Commands.quoted(parent.name)
    let rename = now.name == parent.name ? [] : ["ip link set dev \(there) name \(here)"]
    let addresses = parent.addresses.filter { !$0.address.isLinkLocal }
    return [
      Fix("Set it up where it is now.", commands: ["\(enter) ip link set dev \(there) up"]),
      Fix(
        "Or move it back to the shell's own namespace, and give it what it lost.",
        commands: ["\(enter) ip link set dev \(there) netns $$"] + rename
          + ["ip link set dev \(here) up"] + addresses.map { "ip address add \($0) dev \(here)" }),
    ]
  }

  private static func entering(_ name: String?, _ pid: Int32?) -> String? {
    name.map { "ip netns exec \(Commands.quoted($0))" } ?? pid.map { "nsenter --net=/proc/\($0)/ns/net" }
  }

  /// Whether the parent is down in another namespace than the observer's and has lost its addresses, as one that was
  /// moved there.
  static func isElsewhere(_ context: DiagnosisContext) -> Bool {
    guard let own = context.observation.observerNamespace, own != context.parent.id.namespace else {
      return false
    }
    return !context.parent.up && context.parent.addresses.isEmpty
      && context.topology.children.contains { $0.up && $0.id.namespace != context.parent.id.namespace }
  }

  /// Found where it does not belong.
  private static func elsewhere(_ context: DiagnosisContext) -> RuleOutcome {
    let parent = context.parent
    let children = context.topology.children.filter { $0.up && $0.id.namespace != parent.id.namespace }
    let state = context.topology.namespace(parent.id.namespace)
    let place = state?.netnsName ?? "net:[\(parent.id.namespace)]"
    let fix = entering(state?.netnsName, state?.pid).map { enter in
      Fix(
        "Set it up where it is.", commands: ["\(enter) ip link set dev \(Commands.quoted(parent.name)) up"])
    }
    let evidence =
      [
        Evidence(
          .state,
          "\(parent.name), on which \(children.map(\.label).joined(separator: ", ")) sits, is in the namespace \(place): not "
            + "in this one, and not in the children's"),
        Evidence(.state, "it is down and has no address, as an interface that was moved"),
      ]
      + stranded(children, context).map { Evidence(.trajectory, "\($0.summary) were sent and not answered") }
      + [Evidence(.state, "missing for proof: the move itself, which was before")]
    return .findings(
      [
        finding(
          .likely, title: "\(parent.name) is down in the namespace \(place), and was moved there",
          subjects: [parent.id.description] + children.map(\.id.description), evidence: evidence,
          fixes: [
            fix
              ?? Fix("Set it up in the namespace where it is."),
            Fix("Or move it back to the host's namespace, set it up and give it its addresses."),
          ])
      ], explaining: context.failures)
  }
}
