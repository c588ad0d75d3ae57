import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct LostBetweenHostsTests {
  @Test func framesThatLeftAndNeverCameAreFoundAndPlaced() throws {
    var network = TwoHosts()
    network.healthyTraffic()
    network.lostRequests()
    let result = network.result
    #expect(result.findings.map(\.id) == ["lost-between-hosts"])
    let finding = try #require(result.findings.first)
    #expect(finding.confidence == .proven)
    #expect(
      finding.title
        == "ARP requests from eth0 in bbox1 on docker01 to eth0 in bbox2 on docker02 are lost between the two hosts"
    )
    #expect(finding.evidence[0].text.contains("3 ARP requests for 172.22.16.20 left ens33 on docker01"))
    #expect(finding.evidence[0].text.contains("none of them came in at ens33 on docker02"))
    #expect(finding.subjects == ["1/2:3", "2/2:3", "172.22.16.10", "172.22.16.20"])
    #expect(finding.path.map(\.outcome) == [.passed, .passed, .unobserved, .missing])
  }

  @Test func itIsFoundInTheOtherDirectionAndInAnyOrderOfTheFiles() throws {
    var network = TwoHosts()
    network.healthyTraffic()
    network.lostRequests()
    network.hosts.swapAt(0, 1)
    let finding = try #require(network.result.findings.first)
    #expect(finding.id == "lost-between-hosts" && finding.subjects.prefix(2) == ["2/2:3", "1/2:3"])
  }

  /// What docker01 could only name as lying beyond it.
  @Test func whatTheSenderFoundByItselfBecomesEvidence() throws {
    var network = TwoHosts()
    network.healthyTraffic()
    network.hosts[0].sightings.removeAll { $0.frame.source == TwoHosts.macs[1][1] && $0.time > 4_000_000_000 }
    network.lostRequests()
    #expect(Diagnosis.evaluate(network.hosts[0]).findings.map(\.id).contains("neighbor-unanswered"))
    let result = network.result
    #expect(result.hosts.allSatisfy { $0.findings.isEmpty })
    let evidence = try #require(result.findings.first).evidence
    #expect(evidence.contains { $0.text.contains("docker01 by itself shows: nobody answers") })
  }

  @Test func withoutAPacketThatBothSawNothingIsConcluded() {
    var network = TwoHosts()
    network.lostRequests()
    network.frame(TwoHosts.request(3, TwoHosts.macs[1][0], for: 99), at: 1, [], [.parentIn])
    let result = network.result
    #expect(result.findings.isEmpty)
    #expect(
      result.limitations.contains {
        $0.consequence.contains("no packet was seen at both docker01 and docker02")
      })
  }

  /// Before its first and after its last frame nothing shows that docker02 was observed.
  @Test(arguments: [0.2, 9.8]) func whatLeftWhileTheOtherWasNotSurelyObservedIsNotJudged(_ second: Double) {
    var network = TwoHosts()
    network.healthyTraffic()
    network.frame(TwoHosts.request(2, TwoHosts.macs[0][0], for: 20), at: second, [.parentOut], [])
    let result = network.result
    #expect(result.findings.isEmpty)
    #expect(result.notEvaluated.map(\.id) == ["lost-between-hosts"])
  }

  @Test func whatTheOtherHostDidNotRecordIsNotLost() {
    let changes: [(inout Observation) -> Void] = [
      { $0.loss.explainingFramesLost = 1 },
      { $0.blindHooks = [BlindHook(Hook(TwoHosts.parentID, .ingress), reason: "removed")] },
      { $0.otherPrograms = [OtherProgram(interface: TwoHosts.parentID, place: .xdp, position: .before)] },
    ]
    for change in changes {
      var network = TwoHosts()
      network.healthyTraffic()
      network.lostRequests()
      change(&network.hosts[1])
      #expect(network.result.findings.isEmpty)
      #expect(network.result.notEvaluated.map(\.id) == ["lost-between-hosts"])
    }
  }

  @Test func whatIsNotForTheOtherHostIsNotLost() {
    var network = TwoHosts()
    network.healthyTraffic()
    // For somebody else; for the router; and freed before it left.
    network.frame(TwoHosts.request(10, TwoHosts.macs[0][1], for: 99), at: 5, [.parentOut], [])
    network.frame(TwoHosts.echo(10, TwoHosts.macs[0][1], to: 20, TwoHosts.mac(0x99)), at: 5, [.parentOut], [])
    network.frame(
      TwoHosts.echo(10, TwoHosts.macs[0][1], to: 20, TwoHosts.macs[1][1], sequence: 99), id: 5, at: 5,
      [.parentOut], [])
    network.hosts[0].drops = [
      Drop(
        time: 5_000_000_000, packetID: 5, namespace: 1, interface: TwoHosts.parentID, reason: "QDISC_DROP",
        location: nil,
        frame: nil)
    ]
    #expect(network.ids == [])
  }

  @Test func unicastFramesAreFollowedByTheirMACAddress() {
    var network = TwoHosts()
    network.healthyTraffic()
    network.frame(
      TwoHosts.echo(10, TwoHosts.macs[0][1], to: 20, TwoHosts.macs[1][1], sequence: 99), at: 5,
      [.childOut, .parentOut],
      [])
    #expect(network.ids == ["lost-between-hosts"])
    #expect(
      network.result.findings.first?.evidence[0].text.hasPrefix("1 echo request for 172.22.16.20") == true)
  }

  /// The same address on another segment of the same hosts.
  @Test func aFrameInAVLANThatDoesNotReachTheOtherIsNotLost() {
    var network = TwoHosts()
    network.healthyTraffic()
    var tagged = TwoHosts.request(10, TwoHosts.macs[0][1], for: 20)
    tagged.outerTag = VLANTag(controlInformation: 20)
    network.frame(tagged, at: 5, [.parentOut], [])
    #expect(network.ids == [])
  }
}
