import NetworkAddresses
import TraceModel

/// `cloud-mac-filter`: a cloud's network takes frames from the addresses that it gave out alone.
enum CloudMACFilter: RefusalRule {
  static let card = RuleCard(
    id: "cloud-mac-filter", title: "the cloud's network drops MAC addresses that it did not give out",
    severity: .error,
    explanation: """
      The networks of clouds know each virtual machine's MAC and IP addresses, and drop frames from any other \
      (anti-spoofing, source/destination check, port security). A macvlan child's MAC address is one that the cloud has \
      never heard of; most clouds carry no Ethernet at all, but IP packets between known addresses.
      """,
    proof: """
      The machine is a cloud's by its firmware or driver; a station answered the parent's MAC address, and not the \
      children's.
      """,
    fix: """
      Use ipvlan in mode l3 or a routed network, with secondary IP addresses that the cloud assigns to the interface; with \
      OpenStack, allowed address pairs or `openstack port set --disable-port-security`.
      """)

  static let missing =
    "the cloud's own word: see whether its console lists other MAC addresses for this interface"

  static func isCause(_ cause: RefusalCause) -> Bool { if case .cloud = cause { true } else { false } }

  static func title(_ children: String, _ context: DiagnosisContext, _ cause: RefusalCause) -> String {
    guard case .cloud(let name) = cause else { return card.title }
    return "\(name) does not carry \(children)'s MAC address"
  }

  static func fixes(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Fix] {
    guard case .cloud(let name) = Platform(context.observation.hardware) else { return [] }
    let addresses = refused.flatMap { $0.child.addresses.map { "\($0.address)" } }.joined(separator: ", ")
    if name == "OpenStack" {
      return [
        Fix(
          refused.map {
            "On a machine with OpenStack's client: `openstack port set --allowed-address "
              + "ip-address=\($0.child.addresses.first.map { "\($0.address)" } ?? "ADDRESS"),mac-address=\($0.mac) PORT`."
          }.joined(separator: " "))
      ]
    }
    return [
      Fix(
        "Assign \(addresses) to this machine's interface as secondary addresses in \(name), and use ipvlan in mode l3 or "
          + "a routed bridge network instead of macvlan.")
    ]
  }
}
