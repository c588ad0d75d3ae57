import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct RoutingPolicyRuleTests {
  @Test func isProvenByTheRule() {
    var scenario = Scenario.unanswered()
    scenario.asked(2, to: 30, error: "EACCES")
    scenario.state(2) {
      $0.routingRules = [
        RoutingRule(priority: 100, destination: IPPrefix(host: Family.v4.address(30)), action: "prohibit")
      ]
    }
    #expect(scenario.ids == ["policy-rule"] && scenario.confidences == [.proven])
    #expect(scenario.findings.first?.fixes.first?.commands.first?.contains("priority 100") == true)
  }

  /// A probe of the child's to 99 is not answered; its kernel says by which interface it goes, of table 99.
  private static func detoured(by interface: InterfaceID, gateway: UInt64? = nil, reaches: Bool = false)
    -> Scenario
  {
    var scenario = Scenario()
    scenario.observation.probeRun = ProbeRun(
      from: Station(
        label: "bbox1", namespace: 2, interface: Scenario.childID, address: Family.v4.address(10)),
      to: Station(label: "99", address: Family.v4.address(99)), protocol: .icmp,
      probes: (1...3).map {
        Probe(sent: Scenario.second * $0, outcome: reaches ? .answered : .silence)
      })
    scenario.asked(2, to: 99, by: interface, table: 99)
    scenario.route(
      2,
      RouteEntry(
        destination: IPPrefix("\(gateway == nil ? "172.22.16.0/24" : "0.0.0.0/0")")
          ?? IPPrefix(
            host: Family.v4.address(99)), gateway: gateway.map(Family.v4.address),
        interface: Scenario.childID))
    scenario.state(2) {
      $0.routingRules = [
        RoutingRule(priority: 99, source: IPPrefix(host: Family.v4.address(10)), table: 99),
        RoutingRule(priority: 32766, table: 254),
      ]
    }
    return scenario
  }

  @Test(arguments: [InterfaceID(namespace: 2, ifindex: 1), Scenario.unobserved])
  func aTableThatLeadsOutOfAnotherInterfaceIsNamed(_ interface: InterfaceID) {
    let scenario = Self.detoured(by: interface)
    #expect(scenario.ids == ["policy-rule"] && scenario.confidences == [.proven])
    let isLoopback = interface.ifindex == 1
    #expect(scenario.findings.first?.title.hasSuffix(isLoopback ? "out of lo" : "number 9") == true)
    #expect(
      scenario.findings.first?.fixes.first?.commands
        == ["ip netns exec bbox1 ip rule delete priority 99 from 172.22.16.10/32 lookup 99"])
  }

  /// The main table's own way is not known to work where a router lies on it, unless the other one leads nowhere.
  @Test func aRouterOfTheMainTableMayNotKnowTheTargetEither() {
    #expect(Self.detoured(by: Scenario.unobserved, gateway: 1).confidences == [.likely])
    #expect(
      Self.detoured(by: InterfaceID(namespace: 2, ifindex: 1), gateway: 1).confidences == [.proven])
  }

  @Test func aTableOfARulesThatLeadsWhereMainDoesOrWorksIsNone() {
    #expect(Self.detoured(by: Scenario.childID).ids == [])
    #expect(Self.detoured(by: Scenario.unobserved, reaches: true).ids == [])
  }

  @Test func theOrdinaryRulesAreNone() {
    var scenario = Scenario.unanswered()
    scenario.asked(2, to: 30, error: "ENETUNREACH")
    scenario.state(2) { $0.routingRules = [RoutingRule(priority: 32766, table: 254)] }
    #expect(scenario.ids == ["no-return-route"])
  }
}
