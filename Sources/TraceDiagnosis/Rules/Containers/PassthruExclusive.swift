import TraceModel

/// `passthru-exclusive`: a passthru child has the parent for itself.
enum PassthruExclusive: Rule {
  static let card = RuleCard(
    id: "passthru-exclusive", title: "a passthru child has the parent for itself", severity: .info,
    explanation: """
      A macvlan child in passthru mode takes its whole parent: a second child is refused with "Invalid argument", and so is \
      a passthru child beside others. The kernel says no more than that.
      """,
    proof: """
      The interface carries a passthru child, and the engine has another network on it.
      """,
    fix: "Use bridge mode for several containers, or another interface.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard InterfaceTaken.isQuiet(context) else { return .findings([]) }
    return .findings(
      InterfaceTaken.lowers(context).compactMap { lower in
        let children = context.topology.children.filter { $0.parent == lower.id }
        let passthru = children.first { $0.mode == .passthru }
        let waiting = InterfaceTaken.networks(on: lower, context).filter { network in
          guard network.driver == "macvlan",
            !children.contains(where: { $0.container?.network == network.name })
          else { return false }
          return passthru != nil || network.mode == "passthru"
        }
        guard let network = waiting.first,
          let holder = passthru ?? children.first(where: { $0.kind != .ipvlan })
        else { return nil }
        let why =
          passthru != nil
          ? "\(holder.label) has \(lower.name) for itself" : "\(lower.name) carries other children"
        return finding(
          .proven, title: "containers of the network \(network.name) cannot start: \(why)",
          subjects: [lower.id.description, holder.id.description],
          evidence: [
            Evidence(.state, "\(holder.label) is in mode \(holder.mode?.rawValue ?? "?") on \(lower.name)"),
            Evidence(
              .state,
              "the engine's network \(network.name)\(network.mode.map { ", mode \($0)," } ?? "") names \(lower.name) as its "
                + "parent, and the kernel refuses that with EINVAL, errno 22"),
          ],
          fixes: [
            Fix("Make the passthru network anew in bridge mode, in which a parent carries many."),
            Fix("Or give one of the two another interface, or a VLAN sub-interface."),
          ])
      })
  }
}
