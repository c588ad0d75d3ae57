import NetworkAddresses
import TraceModel

/// `wifi-parent`: an access point takes frames from one MAC address per station.
enum WiFiParent: RefusalRule {
  static let card = RuleCard(
    id: "wifi-parent", title: "the parent is wireless, and the access point takes its own MAC address alone",
    severity: .error,
    explanation: """
      A wireless station speaks with its access point under the one MAC address that it has associated with: a frame of \
      IEEE 802.11 has no room for another sender behind the station. Macvlan gives each child a MAC address of its own, so \
      that the access point drops what children send, or never sends them the answers.
      """,
    proof: """
      The parent is a wireless interface; a station on the network answered the parent's MAC address and not the \
      children's.
      """,
    fix: """
      Use ipvlan (mode l2, all children under the parent's MAC address) or a routed or NATed network instead of macvlan; \
      or connect the host by cable.
      """)

  static let missing = "a second station that answers the parent and not the child"

  static func isCause(_ cause: RefusalCause) -> Bool { if case .wifi = cause { true } else { false } }

  static func title(_ children: String, _ context: DiagnosisContext, _ cause: RefusalCause) -> String {
    "\(context.parent.name) is wireless: the access point does not carry \(children)'s MAC address"
  }

  static func evidence(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Evidence] {
    [Evidence(.state, "\(context.parent.name) is a wireless interface (IEEE 802.11)")]
  }

  static func fixes(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Fix] {
    [
      Fix(
        "Make the network anew as ipvlan on \(context.parent.name), whose children share its MAC address: `docker network "
          + "create -d ipvlan -o parent=\(context.parent.name) ...`. Macvlan children have to go first."),
      Fix("Use a bridge network (NAT), or a parent with a cable."),
    ]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let hardware = context.observation.hardware, !hardware.isWireless else { return nil }
    return runnerUp(context, where: { _ in true }, "\(context.parent.name) is no wireless interface")
  }
}
