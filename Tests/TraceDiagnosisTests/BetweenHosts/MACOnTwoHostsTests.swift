import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct MACOnTwoHostsTests {
  private static func duplicated(_ mac: MACAddress = TwoHosts.macs[0][1]) -> TwoHosts {
    var network = TwoHosts()
    network.healthyTraffic()
    for host in 0...1 { network.change(host, TwoHosts.childID) { $0.mac = mac } }
    network.frame(TwoHosts.request(10, mac, for: 99), at: 3, [.childOut, .parentOut], [])
    network.frame(TwoHosts.request(20, mac, for: 98), at: 3, [], [.childOut, .parentOut])
    return network
  }

  @Test func twoInterfacesThatSendUnderOneAddressAreFound() throws {
    let finding = try #require(Self.duplicated().result.findings.first)
    #expect(finding.id == "mac-dup-on-segment" && finding.confidence == .proven)
    #expect(finding.subjects == ["1/2:3", "2/2:3", "02:00:00:00:00:12"])
    #expect(
      finding.evidence.contains {
        $0.kind == .counter && $0.text.contains("frames from 02:00:00:00:00:12 left")
      })
    let commands = finding.fixes.flatMap(\.commands)
    #expect(commands.count == 2 && Set(commands).count == 2 && !commands[0].contains("02:00:00:00:00:12"))
  }

  @Test func aHostThatSentNothingUnderItIsNotJudged() {
    var network = Self.duplicated()
    network.hosts[1].counters.removeAll { $0.source == TwoHosts.macs[0][1] && $0.direction == .egress }
    #expect(!network.ids.contains("mac-dup-on-segment"))
    #expect(network.result.notEvaluated.contains { $0.id == "mac-dup-on-segment" })
  }

  @Test func anInterfaceThatWasNotUpAllTheTimeIsNoDuplicate() {
    var network = Self.duplicated()
    network.hosts[1].before.interfaces[1].up = false
    #expect(!network.ids.contains("mac-dup-on-segment"))
  }

  @Test func theAddressOfAVirtualRouterMayBeOnSeveral() throws {
    let virtual = try #require(MACAddress("00:00:5e:00:01:33"))
    #expect(!Self.duplicated(virtual).ids.contains("mac-dup-on-segment"))
  }

  @Test func oneHostObservedTwiceIsNotComparedWithItself() {
    var network = TwoHosts()
    network.healthyTraffic()
    network.hosts[1] = network.hosts[0]
    let result = network.result
    #expect(result.findings.isEmpty && result.notEvaluated.isEmpty)
    #expect(result.limitations.contains { $0.consequence.contains("are one host, observed twice") })
  }
}
