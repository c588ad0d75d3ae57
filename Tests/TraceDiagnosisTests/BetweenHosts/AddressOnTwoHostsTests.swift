import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct AddressOnTwoHostsTests {
  private static func duplicated() -> TwoHosts {
    var network = TwoHosts()
    network.healthyTraffic()
    network.change(1, TwoHosts.childID) { $0.addresses = [IPPrefix("172.22.16.10/24")].compactMap(\.self) }
    network.frame(TwoHosts.request(10, TwoHosts.macs[1][1], for: 98), at: 3, [], [.childOut, .parentOut])
    return network
  }

  @Test func twoInterfacesThatUseOneAddressAreFound() throws {
    let finding = try #require(Self.duplicated().result.findings.first)
    #expect(finding.id == "dup-ip-two-docker-hosts" && finding.confidence == .proven)
    #expect(finding.title == "eth0 in bbox1 on docker01 and eth0 in bbox2 on docker02 both use 172.22.16.10")
    #expect(finding.subjects == ["1/2:3", "2/2:3", "172.22.16.10"])
  }

  @Test func anAddressThatOnlyOneWasSeenUsingIsNotJudged() {
    var network = Self.duplicated()
    network.hosts[1].sightings.removeAll { $0.frame.sourceAddress == TwoHosts.address(10) }
    #expect(network.ids == [])
    #expect(network.result.notEvaluated.map(\.id).contains("dup-ip-two-docker-hosts"))
  }

  /// It can have moved from one to the other.
  @Test func anAddressThatWasNotHeldThroughoutIsNoDuplicate() {
    var network = Self.duplicated()
    network.hosts[0].after.interfaces[1].addresses = []
    #expect(!network.ids.contains("dup-ip-two-docker-hosts"))
  }

  @Test func theSameAddressOnSeparateSegmentsIsNoDuplicate() {
    var network = Self.duplicated()
    network.change(1, TwoHosts.childID) { $0.vlan = VLANID(20) }
    #expect(!network.ids.contains("dup-ip-two-docker-hosts"))
  }
}
