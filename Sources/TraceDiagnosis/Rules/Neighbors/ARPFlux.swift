import NetworkAddresses
import TraceModel

/// `arp-flux`: several interfaces of one namespace answer for one address.
enum ARPFlux: Rule {
  static let card = RuleCard(
    id: "arp-flux", title: "several interfaces answer for one address", severity: .warning,
    explanation: """
      A namespace has several interfaces on one segment, and Linux answers ARP requests for its addresses by all of them. \
      Who asks takes one of the MAC addresses by chance, and traffic wanders between the interfaces.
      """,
    proof: """
      Two answers with different MAC addresses came for one address within a second, and both MAC addresses are of \
      interfaces of one namespace.
      """,
    fix: "Set arp_ignore=1 and arp_announce=2 in that namespace.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    for (first, second) in context.claims.rivals where context.isOneNamespace(first.mac, second.mac) {
      let interfaces = context.topology.interfaces.filter { $0.mac == first.mac || $0.mac == second.mac }
      guard let owner = interfaces.first(where: { $0.owns(first.address) }) ?? interfaces.first else {
        continue
      }
      // What routes between networks answers for its other ones, too, and nobody minds.
      guard interfaces.allSatisfy({ $0.addresses.contains { $0.contains(first.address) } }) else { continue }
      let commands = Commands(context: context)
      findings.append(
        finding(
          .proven,
          title: "\(interfaces.map(\.label).joined(separator: " and ")) both answer for \(first.address)",
          subjects: interfaces.map(\.id.description) + [first.address.description],
          evidence: [
            Evidence(
              .trajectory,
              "\(first.mac) and \(second.mac) both answered \(first.asker?.description ?? "") for \(first.address)"
            ),
            Evidence(.state, "both are interfaces of \(owner.namespace)"),
          ],
          fixes: [
            Fix(
              "Answer by the interface alone that has the address.",
              commands: [
                commands.inside(owner, "sysctl -w net.ipv4.conf.all.arp_ignore=1"),
                commands.inside(owner, "sysctl -w net.ipv4.conf.all.arp_announce=2"),
              ])
          ]))
    }
    return .findings(findings)
  }
}
