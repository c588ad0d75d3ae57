import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ForeignBPFDropTests {
  @Test func isProvenWhereAnotherProgramStands() throws {
    var scenario = Scenario()
    scenario.pings(
      from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, at: [Scenario.childOut, Scenario.parentOut])
    scenario.freesLast("TC_EGRESS")
    #expect(scenario.ids == ["foreign-bpf-drop"] && scenario.confidences == [.likely])
    var program = OtherProgram(interface: Scenario.parentID, place: .tcEgress)
    program.kind = "bpf"
    program.priority = 7
    program.handle = 1
    scenario.observation.otherPrograms = [program]
    #expect(scenario.ids == ["foreign-bpf-drop"] && scenario.confidences == [.proven])
    let finding = try #require(scenario.findings.first)
    #expect(
      finding.fixes.flatMap(\.commands) == ["tc filter del dev ens33 egress pref 7 handle 0x1 bpf"])
  }
}
