import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct IPvlanMacvlanMixTests {
  @Test func bothKindsOnOneParentAreANote() {
    let other = ContainerNetwork(name: "ip_net", driver: "ipvlan", parent: "ens33")
    let scenario = ContainersTests.networks(.bridge, [other])
    #expect(scenario.ids == ["ipvlan-macvlan-mix"] && scenario.findings[0].severity == .info)
    var elsewhere = other
    elsewhere.parent = "ens33.20"
    #expect(ContainersTests.networks(.bridge, [elsewhere]).ids.isEmpty)
    let same = ContainerNetwork(name: "mac_net", driver: "macvlan", parent: "ens33")
    #expect(ContainersTests.networks(.bridge, [same]).ids.isEmpty)
  }
}
