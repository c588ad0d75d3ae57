import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct HostJoinTests {
  @Test func aHealthyPairGivesNoFinding() {
    var network = TwoHosts()
    network.healthyTraffic()
    let result = network.result
    #expect(result.findings.isEmpty && result.hosts.allSatisfy { $0.findings.isEmpty })
    #expect(result.notEvaluated.isEmpty && result.limitations.isEmpty)
  }

  @Test func theDifferenceOfTheClocksComesFromThePackets() throws {
    var network = TwoHosts()
    network.healthyTraffic()
    // Repeated word for word: any of its passages may belong to any other.
    for second in [2.5, 3.5, 4.5] {
      network.frame(
        TwoHosts.request(2, TwoHosts.macs[0][0], for: 99), id: 5, at: second, [.parentOut], [.parentIn])
    }
    let views = try network.hosts.enumerated().map { index, observation in
      HostView(try #require(DiagnosisContext(observation)), number: UInt16(index + 1), label: "")
    }
    let pair = HostPair(views[0], views[1])
    let difference = try #require(pair.clockDifference)
    #expect(abs(difference - Int64(TwoHosts.ahead)) < 1_000_000)
    #expect(pair.sharedPackets == 20)
  }

  @Test func timesOfTheWallClockAreRead() {
    #expect(Timestamp.nanoseconds("1970-01-01T00:00:00.000000000Z") == 0)
    #expect(Timestamp.nanoseconds("2026-11-25T07:10:21.000000005Z") == 1_795_590_621_000_000_005)
    #expect(Timestamp.nanoseconds("2024-02-29T23:59:59.000000000Z") == 1_709_251_199_000_000_000)
    for text in [
      "", "now", "2026-13-01T00:00:00.000000000Z", "2026-01-01T00:00:00Z", "2026-01-01 00:00:00.000000000Z",
    ] {
      #expect(Timestamp.nanoseconds(text) == nil)
    }
  }

  @Test func theJoinedReportNamesEachInterfaceByItsHost() throws {
    var network = TwoHosts()
    network.healthyTraffic()
    network.lostRequests()
    network.hosts[1].degradations = [Degradation(feature: "f", consequence: "c")]
    let joined = network.result.report(of: network.hosts, command: "report")
    let report = joined.whole
    #expect(report.interfaces.map(\.id.description) == ["1/1:2", "1/2:3", "2/1:2", "2/2:3"])
    #expect(report.interfaces.map { $0.parent?.description } == [nil, "1/1:2", nil, "2/1:2"])
    #expect(Set(report.counters.map(\.interface)).isSubset(of: Set(report.interfaces.map(\.id))))
    #expect(report.hosts?.map(\.label) == ["docker01", "docker02"])
    #expect(report.hosts?.map { $0.parent?.description } == ["1/1:2", "2/1:2"])
    #expect(report.degradations == [Degradation(feature: "docker02: f", consequence: "c")])
    #expect(report.findings.first?.id == "lost-between-hosts" && report.host.name == "docker01, docker02")
    #expect(joined.parts.map(\.hosts) == [nil, nil])
  }

  @Test func hostsOfOneNameAreToldApart() {
    let hosts = ["a", "b", "a"].map { HostInformation(name: $0, kernel: "") }
    #expect(ObservedHost.labels(hosts) == ["a [1]", "b", "a [3]"])
  }
}
