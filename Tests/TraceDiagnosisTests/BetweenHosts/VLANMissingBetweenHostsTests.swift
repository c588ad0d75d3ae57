import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct VLANMissingBetweenHostsTests {
  /// Both hosts have VLAN 20; what bbox1 asks in it leaves docker01 and does not come to docker02. Untagged, all passes.
  private static func lost(second: Bool = true) -> TwoHosts {
    var network = TwoHosts()
    network.healthyTraffic()
    for host in second ? [0, 1] : [0] {
      for path in [\Observation.before, \.after] {
        var vlan = Interface(
          id: TwoHosts.vlanID, name: "ens33.20", namespace: "host", kind: .vlan, mac: TwoHosts.macs[host][0])
        vlan.parent = TwoHosts.parentID
        vlan.vlan = VLANID(20)
        vlan.up = true
        vlan.carrier = true
        vlan.addresses = [IPPrefix("10.20.0.\(host + 1)/24")].compactMap(\.self)
        network.hosts[host][keyPath: path].interfaces.append(vlan)
      }
    }
    for second in [4.5, 5.5, 6.5] {
      var frame = TwoHosts.request(0, TwoHosts.macs[0][0], for: 0)
      frame.network = .arp(
        ARPFields(
          operation: 1, senderMAC: TwoHosts.macs[0][0], senderAddress: .v4(0x0a14_0001), targetMAC: .zero,
          targetAddress: .v4(0x0a14_0002)))
      frame.outerTag = VLANTag(controlInformation: 20)
      network.frame(frame, id: 88, at: second, [.vlanOut, .parentOut], [])
    }
    return network
  }

  @Test func isProvenByBothEnds() throws {
    let result = Self.lost().result
    #expect(result.findings.map(\.id) == ["vlan-missing-on-trunk"])
    let finding = try #require(result.findings.first)
    #expect(finding.confidence == .proven)
    #expect(finding.title == "VLAN 20 is not carried between ens33 on docker01 and ens33 on docker02")
    #expect(result.hosts.allSatisfy { $0.findings.isEmpty }, "\(result.hosts.map(\.findings))")
  }

  /// That it passed before makes the loss no other one.
  @Test func aVLANThatWasTakenAwayMeanwhileIsOneFinding() {
    var network = Self.lost()
    var frame = TwoHosts.request(2, TwoHosts.macs[0][0], for: 9)
    frame.outerTag = VLANTag(controlInformation: 20)
    network.frame(frame, at: 1.2, [.parentOut], [.parentIn])
    #expect(network.ids == ["vlan-missing-on-trunk"])
  }

  /// Where the other host does not have the VLAN, nothing of it is due there.
  @Test func aVLANOfOneHostAloneIsNone() {
    #expect(!Self.lost(second: false).ids.contains("vlan-missing-on-trunk"))
  }

  /// Where records are missing at the other host, it may have come in.
  @Test func whatMayHaveComeInIsNone() {
    var network = Self.lost()
    network.hosts[1].loss.explainingFramesLost = 1
    let result = network.result
    #expect(!result.findings.map(\.id).contains("vlan-missing-on-trunk"))
    #expect(result.notEvaluated.contains { $0.id == "vlan-missing-on-trunk" })
  }
}
