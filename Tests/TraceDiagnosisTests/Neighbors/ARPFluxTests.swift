import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ARPFluxTests {
  @Test func isProvenByTwoAnswersOfOneNamespace() {
    var scenario = Scenario()
    scenario.addSibling(.bridge)
    let second = Scenario.mac(7)
    let secondID = InterfaceID(namespace: 3, ifindex: 8)
    for path in [\Observation.before, \Observation.after] {
      var other = Interface(id: secondID, name: "eth1", namespace: "bbox3", kind: .macvlan, mac: second)
      other.parent = Scenario.parentID
      other.mode = .bridge
      other.addresses = [IPPrefix("172.22.16.31/24")].compactMap(\.self)
      other.up = true
      scenario.observation[keyPath: path].interfaces.append(other)
    }
    for (mac, hook) in [(Scenario.siblingMAC, Scenario.siblingOut), (second, Hook(secondID, .egress))] {
      scenario.answers(
        from: 30, mac: mac, to: 10, Scenario.childMAC, second: 1, at: [hook, Scenario.childIn])
    }
    #expect(scenario.ids == ["arp-flux"] && scenario.findings.first?.severity == .warning)
  }
}
