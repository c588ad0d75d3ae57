import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct DockerForwardDropTests {
  @Test func isProven() {
    var scenario = Scenario()
    scenario.addSibling(.bridge)
    scenario.pings(
      from: 10, mac: Scenario.childMAC, to: 99, Scenario.siblingMAC,
      at: [Scenario.childOut, Scenario.siblingIn])
    scenario.freesLast("NETFILTER_DROP")
    scenario.state(of: Scenario.siblingID.namespace) { state in
      state.filters = FilterWalkTests.filters(
        FilterWalkTests.chain("FORWARD", [], hook: .forward, drops: true, family: .ip),
        FilterWalkTests.chain("DOCKER-USER", [], hook: nil, family: .ip))
    }
    #expect(scenario.ids == ["docker-set-forward-drop"])
    #expect(
      scenario.findings.first?.fixes.first?.commands.first?.hasPrefix(
        "ip netns exec bbox3 iptables -I DOCKER-USER -s 172.22.16.10") == true)
  }
}
