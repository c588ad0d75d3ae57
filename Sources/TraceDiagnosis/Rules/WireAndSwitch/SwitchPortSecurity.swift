import NetworkAddresses
import TraceModel

/// `switch-port-security`: the switch port takes some MAC addresses of this host, and no more.
enum SwitchPortSecurity: RefusalRule {
  static let card = RuleCard(
    id: "switch-port-security", title: "the switch port does not take a child's MAC address",
    severity: .error,
    explanation: """
      A switch can limit how many MAC addresses it learns at a port, or which (port security, sticky addresses). The first \
      ones work; frames from any further address are dropped. Each macvlan child is one address more at the host's port.
      """,
    proof: """
      Stations answered other MAC addresses of this host on the same interface; of what the child sent nothing was answered, \
      and not one frame for its address came in.
      """,
    fix: """
      Raise the port's limit of MAC addresses (`switchport port-security maximum N`) and clear addresses that it keeps; or \
      use ipvlan, whose children share the parent's address.
      """)

  static let missing = "a second station that answers others and not the child, or the switch's own word"

  static func isCause(_ cause: RefusalCause) -> Bool { if case .portSecurity = cause { true } else { false } }

  static func title(_ children: String, _ context: DiagnosisContext, _ cause: RefusalCause) -> String {
    "the switch port of \(context.parent.name) does not take \(children)'s MAC address"
  }

  static func fixes(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Fix] {
    let own = Set(context.topology.children.filter { $0.up && $0.kind != .ipvlan }.compactMap(\.mac))
    return [
      Fix(
        "On the switch, at the port of \(context.parent.name): allow at least \(own.count + 1) MAC addresses (Cisco: "
          + "`switchport port-security maximum \(own.count + 1)`), and clear those that it keeps (`clear port-security "
          + "sticky interface PORT`); refused now: \(refused.map(\.mac.description).joined(separator: ", "))."
      ),
      Fix("Use ipvlan instead: its children share the MAC address of \(context.parent.name)."),
    ]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let child = run.from.interface.flatMap(context.interface), child.kind.isChild,
      child.kind != .ipvlan,
      run.to.address.map({ !context.isLocal($0) }) == true, let mac = child.mac
    else { return nil }
    let frames = WireAnswers(context).unicastFrames(to: mac)
    return frames == 0 ? nil : "\(frames) frames for \(child.label)'s MAC address came in from the wire"
  }
}
