import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct DockerDesktopVMTests {
  @Test func dockerDesktopIsLikely() {
    var scenario = ContainersTests.asking()
    scenario.observation.host.kernel = "6.6.12-linuxkit"
    #expect(scenario.ids == ["docker-desktop-vm"] && scenario.confidences == [.likely])
    var quiet = Scenario()
    quiet.observation.host.kernel = "6.6.12-linuxkit"
    #expect(quiet.ids.isEmpty)
  }
}
