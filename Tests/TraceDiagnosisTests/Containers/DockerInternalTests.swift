import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct DockerInternalTests {
  static func internalNetwork(_ isInternal: Bool, counted: UInt64 = 3) -> Scenario {
    var scenario = Scenario()
    scenario.change(Scenario.childID) {
      $0.container = Container(runtime: "docker", name: "bbox1", network: "mac_net1")
    }
    scenario.state(Scenario.childID.namespace, ["Ip.OutNoRoutes": 0]) {
      $0.counters["Ip.OutNoRoutes"] = counted
    }
    scenario.observation.containerNetworks = [
      ContainerNetwork(name: "mac_net1", driver: "macvlan", parent: "ens33", isInternal: isInternal)
    ]
    return scenario
  }

  @Test func anInternalNetworkHasNoWayOut() {
    let scenario = Self.internalNetwork(true)
    #expect(scenario.ids == ["docker-internal"] && scenario.confidences == [.proven])
    #expect(Self.internalNetwork(false).ids == ["gateway-missing"])
    #expect(Self.internalNetwork(true, counted: 0).ids.isEmpty, "nobody wanted out")
  }
}
