import TraceModel

/// `ipvlan-macvlan-mix`: networks of both kinds are to share one parent.
enum IPvlanMacvlanMix: Rule {
  static let card = RuleCard(
    id: "ipvlan-macvlan-mix", title: "macvlan and ipvlan networks name one parent", severity: .info,
    explanation: """
      An interface carries macvlan children or ipvlan children, never both: the first child's kind owns it, and one of the \
      other kind is refused with "Device or resource busy". The engine makes both networks all the same; containers of the \
      second do not start.
      """,
    proof: """
      The interface carries children of one kind, and the engine has a network of the other kind on it.
      """,
    fix: "Put one of the two on a VLAN sub-interface of its own, or on another interface.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard InterfaceTaken.isQuiet(context) else { return .findings([]) }
    return .findings(
      InterfaceTaken.lowers(context).compactMap { lower in
        let children = context.topology.children.filter { $0.parent == lower.id }
        guard let kind = children.first.map({ $0.kind == .ipvlan ? "ipvlan" : "macvlan" }) else { return nil }
        let refused = InterfaceTaken.networks(on: lower, context).filter { $0.driver != kind }
        guard let network = refused.first else { return nil }
        return finding(
          .proven,
          title:
            "containers of the network \(network.name) cannot start: \(lower.name) carries \(kind) children",
          subjects: [lower.id.description],
          evidence: refused.map {
            Evidence(
              .state, "the engine's network \($0.name) (\($0.driver)) names \(lower.name) as its parent")
          } + [InterfaceTaken.restriction(on: lower, context)].compactMap(\.self),
          fixes: [
            Fix(
              "Make \(network.name) anew on a VLAN sub-interface (`-o parent=\(lower.name).20`) or on another interface; or "
                + "as a network of the kind \(kind).")
          ])
      })
  }
}
