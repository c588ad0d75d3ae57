import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct WrongNetmaskTests {
  static func scenario(parents: String) -> Scenario {
    var scenario = NeighborUnansweredTests.asked(.v4)
    scenario.segmentIsAlive()
    scenario.change(Scenario.parentID) { $0.addresses = [IPPrefix(parents)].compactMap { $0 } }
    return scenario
  }

  @Test func isProvenByOthers() {
    let scenario = Self.scenario(parents: "172.22.16.2/28")
    #expect(scenario.ids == ["wrong-netmask"] && scenario.confidences == [.proven])
  }

  @Test func oneThatFitsIsAnotherCause() {
    #expect(Self.scenario(parents: "172.22.16.2/24").ids == ["neighbor-unanswered"])
    // The address of a service alone says nothing of the network.
    #expect(Self.scenario(parents: "172.22.16.10/32").ids == ["neighbor-unanswered"])
  }
}
