import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct HostToChildBridgeTests {
  @Test(arguments: Family.allCases) func isProven(_ family: Family) {
    HostChildChecks.check(
      .bridge, family, hostsSide: "host-to-child-bridge", childsSide: "child-to-host-bridge")
  }

  @Test(arguments: Family.allCases) func aPortThatReturnsFramesIsHealthy(_ family: Family) {
    #expect(HostChildChecks.reflecting(.bridge, family).ids.isEmpty)
  }

  /// The look-alike: the child has the request and does not answer.
  @Test(arguments: Family.allCases) func aRequestThatArrivedIsNoIsolation(_ family: Family) {
    var scenario = Scenario(over: family)
    scenario.asks(
      from: 2, mac: Scenario.parentMAC, for: 10,
      at: [Scenario.parentOut, Scenario.parentIn, Scenario.childIn])
    #expect(scenario.ids.isEmpty)
  }

  @Test func theCureReachesEveryChildOfItsKind() throws {
    var scenario = HostChildChecks.hostToChild(.bridge, .v4)
    scenario.addSibling(.bridge)
    let commands = try #require(scenario.findings.first?.fixes.first?.commands)
    #expect(
      commands == [
        "ip link add macvtrace-shim link ens33 type macvlan mode bridge", "ip link set macvtrace-shim up",
        "ip route add 172.22.16.10/32 dev macvtrace-shim src 172.22.16.2",
        "ip route add 172.22.16.30/32 dev macvtrace-shim src 172.22.16.2",
      ])
  }
}
