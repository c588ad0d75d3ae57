import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct KernelDropTests {
  private static func freed(_ reason: String, _ family: Family = .v4) -> Scenario {
    var scenario = Scenario(over: family)
    scenario.pings(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, at: [Scenario.parentIn, Scenario.childIn])
    scenario.freesLast(reason)
    return scenario
  }

  @Test(arguments: Family.allCases) func isProvenByTheKernelsWord(_ family: Family) throws {
    let scenario = Self.freed("XFRM_POLICY", family)
    #expect(scenario.ids == ["kernel-drop"] && scenario.confidences == [.proven])
    let finding = try #require(scenario.findings.first)
    #expect(finding.title.hasSuffix("XFRM_POLICY"))
    #expect(finding.fixes.first?.text.contains("ip xfrm policy") == true)
  }

  @Test(arguments: [
    "NOT_SPECIFIED", "OTHERHOST", "NEIGH_FAILED", "SKB_CONSUMED", "NO_SOCKET", "SOCKET_FILTER",
    "SOCKET_RCVBUFF",
  ])
  func wordsThatExplainNothingAreNone(_ reason: String) {
    #expect(!Self.freed(reason).ids.contains("kernel-drop"))
  }

  @Test func whatIsAnsweredLaterIsNone() {
    var scenario = Self.freed("SECURITY_HOOK")
    scenario.echoes(
      from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, second: 4,
      at: [Scenario.childOut, Scenario.parentOut])
    #expect(scenario.ids.isEmpty)
  }
}
