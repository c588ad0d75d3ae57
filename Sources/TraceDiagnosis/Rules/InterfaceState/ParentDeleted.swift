import TraceModel

/// `parent-deleted`: the parent was deleted, and its children with it.
enum ParentDeleted: Rule {
  static let card = RuleCard(
    id: "parent-deleted", title: "the parent was deleted, and its children with it", severity: .error,
    explanation: """
      When an interface is deleted, every macvlan and VLAN interface on it is deleted with it, in whatever namespace it \
      lives: containers run on without their interface. An interface of the same name that is made later is another \
      one; nothing comes back by itself. USB adapters, virtual NICs and bonds that are made anew do that.
      """,
    proof: """
      The parent and its children ended together while they were observed, and no namespace has an interface with the \
      parent's MAC address.
      """,
    fix: """
      Bring the interface back, then connect the containers anew: `docker restart`, or `docker network disconnect` and \
      `connect`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard let departed = context.observation.departedParent, departed.interface == nil,
      departed.survivors.isEmpty
    else { return .findings([]) }
    let hasReturned = !context.isParentGone
    // Whoever has been given another child since misses nothing.
    let served = Set(hasReturned ? context.observation.after.children.map(\.id.namespace) : [])
    let children = context.observation.before.children.filter {
      $0.id.namespace != 0 && !served.contains($0.id.namespace)
    }
    guard !children.isEmpty else { return .findings([]) }
    let name = context.parent.name
    let containers = Set(children.compactMap(\.container?.name)).sorted()
    let attempts = ParentMovedNetns.stranded(children, context)
    var evidence = [
      Evidence(
        .state,
        "\(name) ended while it was observed, and "
          + (hasReturned ? "what has its name now is another interface" : "is in no namespace")),
      Evidence(
        .state,
        "its \(children.count) children ended with it: \(children.prefix(4).map(\.label).joined(separator: ", "))"
      ),
    ]
    evidence += attempts.map { Evidence(.trajectory, "\($0.summary) were sent and not answered") }
    let see = "See what deletes it: a network manager, a script, a hypervisor."
    var fixes = [
      Fix(
        hasReturned
          ? see : "Bring \(name) back (plug it in, load its driver, or make it again). \(see)")
    ]
    let restart =
      containers.isEmpty
      ? "Make the children anew, or restart what they belong to: they do not come back by themselves."
      : "Restart the containers: they do not get their interface back by themselves (docker restart "
        + "\(containers.prefix(8).map { Commands.quoted($0) }.joined(separator: " ")))."
    fixes.append(Fix(restart))
    return .findings(
      [
        finding(
          .proven, title: "\(name) was deleted, and its \(children.count) children with it",
          subjects: [context.parent.id.description] + children.map(\.id.description), evidence: evidence,
          fixes: fixes)
      ], explaining: hasReturned ? attempts : context.failures)
  }
}
