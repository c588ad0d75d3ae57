import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ContainerFirewallTests {
  /// Another machine pings the child, in whose namespace the packet ends.
  static func pinged(_ family: Family = .v4, reason: String? = "NETFILTER_DROP") -> Scenario {
    var scenario = Scenario(over: family)
    scenario.pings(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, at: [Scenario.parentIn, Scenario.childIn])
    scenario.freesLast(reason, at: "nf_hook_slow")
    return scenario
  }

  @Test(arguments: Family.allCases) func isTheContainers(_ family: Family) {
    let scenario = Self.pinged(family)
    #expect(scenario.ids == ["container-firewall"] && scenario.confidences == [.proven])
  }

  @Test(arguments: Family.allCases) func namesTheRuleAndTheException(_ family: Family) throws {
    var scenario = Self.pinged(family)
    scenario.state(of: Scenario.childID.namespace) { state in
      state.filters = FilterWalkTests.filters(FilterWalkTests.chain("input", [], drops: true))
    }
    let finding = try #require(scenario.findings.first)
    let word = family == .v4 ? "ip" : "ip6"
    let message = family == .v4 ? "icmp" : "icmpv6"
    #expect(
      finding.fixes.first?.commands == [
        "ip netns exec bbox1 nft insert rule inet filter input \(word) saddr \(family.address(3)) "
          + "\(word) daddr \(family.address(10)) \(message) type echo-request accept"
      ])
    #expect(finding.evidence.contains { $0.text.contains("the policy (drop) of chain input") })
  }

  /// Before Linux 5.17 the function is all that is known.
  @Test func withoutReasonsItIsLikely() {
    let scenario = Self.pinged(reason: nil)
    #expect(scenario.ids == ["container-firewall"] && scenario.confidences == [.likely])
  }

  /// Another reason in the same place is no firewall.
  @Test func anotherReasonIsNotThis() {
    #expect(Self.pinged(reason: "NO_SOCKET").ids.isEmpty)
  }

  /// A filter that drops some of many has let the last one pass.
  @Test func whatIsAnsweredLaterIsNotThis() {
    var scenario = Self.pinged()
    scenario.echoes(
      from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, second: 4,
      at: [Scenario.childOut, Scenario.parentOut])
    #expect(scenario.ids.isEmpty)
  }
}
