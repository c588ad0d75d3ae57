import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct PassthruExclusiveTests {
  @Test func passthruBesideOthersIsANote() {
    let second = ContainerNetwork(name: "mac_net", driver: "macvlan", parent: "ens33", mode: "bridge")
    #expect(ContainersTests.networks(.passthru, [second]).ids == ["passthru-exclusive"])
    #expect(ContainersTests.networks(.passthru, []).ids.isEmpty)
    let passthru = ContainerNetwork(name: "mac_net", driver: "macvlan", parent: "ens33", mode: "passthru")
    #expect(ContainersTests.networks(.bridge, [passthru]).ids == ["passthru-exclusive"])
  }
}
