import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct RouterEgressDownTests {
  @Test func isProvenByTheInterface() {
    var scenario = Scenario.handedToSibling()
    scenario.change(namespace: 3) { $0.sysctls["ipv4/ip_forward"] = "1" }
    scenario.asked(3, to: 99, error: "ENETUNREACH")
    for path in [\Observation.before, \Observation.after] {
      var other = Interface(
        id: InterfaceID(namespace: 3, ifindex: 8), name: "eth1", namespace: "bbox3", kind: .macvlan)
      other.parent = Scenario.parentID
      other.mode = .bridge
      other.addresses = [IPPrefix("\(Family.v4.address(100))/28")].compactMap { $0 }
      scenario.observation[keyPath: path].interfaces.append(other)
    }
    #expect(scenario.ids == ["router-egress-down"] && scenario.confidences == [.proven])
  }
}
