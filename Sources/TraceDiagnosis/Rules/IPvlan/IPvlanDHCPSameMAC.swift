import NetworkAddresses
import TraceModel

/// `ipvlan-dhcp-same-mac`: a DHCP server takes the ipvlan children of a host for one client.
enum IPvlanDHCPSameMAC: Rule {
  static let card = RuleCard(
    id: "ipvlan-dhcp-same-mac", title: "an ipvlan child gets no address by DHCP", severity: .error,
    explanation: """
      All ipvlan children of a parent have its MAC address. A DHCP server that tells its clients apart by that gives them \
      all one address, which only one can have; and an answer to an address that the child does not have yet is not handed \
      to it.
      """,
    proof: """
      An ipvlan child in mode l2 asked for an address again and again and has none, answers of the server came in at the \
      parent, and another interface of this host has the same MAC address.
      """,
    fix: """
      Have each client send a client identifier of its own (option 61) and ask for broadcast answers; or give the children \
      fixed addresses, or use macvlan.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    let answers = context.observation.sightings.filter {
      $0.hook == context.parentIn && isDHCP($0.frame, from: 67, to: 68)
    }
    guard !answers.isEmpty else { return .findings([]) }
    let children = context.topology.children.filter { child in
      child.kind == .ipvlan && child.mode == .l2 && child.up
        && !child.addresses.contains { $0.address.isIPv4 && !$0.address.isLinkLocal }
    }
    return .findings(
      children.compactMap { child in
        let asked = context.observation.sightings.filter {
          $0.hook == Hook(child.id, .egress) && isDHCP($0.frame, from: 68, to: 67)
        }
        let heard = context.observation.sightings.filter {
          $0.hook == Hook(child.id, .ingress) && isDHCP($0.frame, from: 67, to: 68)
        }
        let same = context.topology.interfaces.filter {
          $0.mac == child.mac && $0.id != child.id && $0.addresses.contains { $0.address.isIPv4 }
        }
        let since = asked.first?.time ?? .max
        let came = answers.filter { $0.time >= since }
        guard asked.count >= 2, !same.isEmpty, !came.isEmpty, let mac = child.mac else { return nil }
        return finding(
          heard.isEmpty ? .proven : .likely,
          title: "\(child.label) asks for an address by DHCP with a MAC address that is not its own alone",
          subjects: [child.id.description, mac.description],
          evidence: [
            Evidence(
              .trajectory,
              "\(asked.count) DHCP requests left \(child.label), \(came.count) answers came in at \(context.parent.name), and "
                + (heard.isEmpty ? "none reached it" : "\(heard.count) reached it")),
            Evidence(.state, "it has no IPv4 address"),
            Evidence(.state, "\(mac) is also that of \(same.prefix(4).map(\.label).joined(separator: ", "))"),
          ]
            + (heard.isEmpty
              ? []
              : [Evidence(.state, "missing for proof: what the server offered, as answers did reach it")]),
          fixes: [
            Fix(
              "Have its DHCP client send an identifier of its own and ask for broadcasts (dhclient: `send "
                + "dhcp-client-identifier`, `bootp-broadcast-always`; udhcpc: `-B -x 0x3d:...`)."),
            Fix("Or give it a fixed address, or use macvlan, where each child has a MAC address of its own."),
          ])
      })
  }

  private static func isDHCP(_ frame: Frame, from source: UInt16, to destination: UInt16) -> Bool {
    guard case .udp(source, destination, _)? = frame.ip?.transport else { return false }
    return true
  }
}
