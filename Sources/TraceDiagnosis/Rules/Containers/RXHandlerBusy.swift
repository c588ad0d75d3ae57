import TraceModel

/// `rx-handler-busy`: another device owns the interface that was to be a parent.
enum RXHandlerBusy: Rule {
  static let card = RuleCard(
    id: "rx-handler-busy", title: "the interface belongs to a bridge, a bond or another device",
    severity: .info,
    explanation: """
      An interface hands what it receives to one owner: a bridge, a bond, a team, Open vSwitch, or its macvlan or ipvlan \
      children. On an interface that is a port of something, no macvlan child can be made: "Device or resource busy".
      """,
    proof: """
      The interface that was named is owned by another device, and has no children.
      """,
    fix: "Name the bridge or the bond as the parent: `-o parent=br0`.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let parent = context.parent
    guard InterfaceTaken.isQuiet(context), let owner = parent.receiveHandler, owner.isForeign,
      context.topology.children.isEmpty,
      let restriction = InterfaceTaken.restriction(on: parent, context)
    else { return .findings([]) }
    let waiting = InterfaceTaken.networks(on: parent, context)
    let evidence =
      [restriction]
      + waiting.map {
        Evidence(.state, "the engine's network \($0.name) (\($0.driver)) names \(parent.name) as its parent")
      }
    let title = owner.name.map { "\(owner.kind) \($0)" } ?? "another device"
    let better =
      owner.kind == "openvswitch"
      ? "Give the switch an internal port, and use that as the parent."
      : "Use \(owner.name ?? "the device that owns it") as the parent."
    return .findings([
      finding(
        .proven, title: "\(parent.name) belongs to \(title): it can carry no macvlan children",
        subjects: [parent.id.description], evidence: evidence,
        fixes: [Fix(better), Fix("Or take \(parent.name) out of it, where it is not needed there.")])
    ])
  }
}

extension ReceiveHandler {
  /// Whether it is somebody else's, and not the interface's own children's.
  var isForeign: Bool { name != nil || (kind != "macvlan" && kind != "ipvlan") }
}
