import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct SwitchCAMStaleTests {
  /// bbox1 is answered by docker02 itself, and not by bbox2, whose MAC address it knows.
  private static var moved: TwoHosts {
    var network = TwoHosts()
    let (one, parent) = (TwoHosts.macs[0][1], TwoHosts.macs[1][0])
    for second in 1...9 {
      network.frame(
        TwoHosts.echo(10, one, to: 3, parent, sequence: UInt16(second)), at: Double(second),
        [.childOut, .parentOut], [.parentIn])
      network.frame(
        TwoHosts.echo(3, parent, to: 10, one, type: 0, sequence: UInt16(second)), at: Double(second) + 0.001,
        [.parentIn, .childIn], [.parentOut])
    }
    for second in 3...5 {
      network.frame(
        TwoHosts.echo(10, one, to: 20, TwoHosts.macs[1][1], sequence: UInt16(100 + second)),
        at: Double(second) + 0.5, [.childOut, .parentOut], [])
    }
    return network
  }

  @Test func aSilentChildIsLookedForElsewhere() throws {
    let result = Self.moved.result
    #expect(result.findings.map(\.id) == ["switch-cam-stale"])
    let finding = try #require(result.findings.first)
    #expect(finding.confidence == .likely && finding.fixes[0].text.contains("arping"))
    #expect(result.hosts.allSatisfy { $0.findings.isEmpty })
  }

  /// The look-alike: a child that speaks is known to the switch, and yet nothing comes to it.
  @Test func whoSpeaksIsNotStale() {
    var network = Self.moved
    network.frame(
      TwoHosts.request(20, TwoHosts.macs[1][1], for: 99), at: 2.2, [.parentIn], [.childOut, .parentOut])
    #expect(network.ids == ["lost-between-hosts"])
  }

  /// The look-alike: no unicast frame comes through at all.
  @Test func whereNothingElseComesThroughItIsNotTheTable() {
    var network = Self.moved
    network.hosts[1].counters.removeAll { !$0.destination.isMulticast && $0.direction == .ingress }
    #expect(network.ids == ["lost-between-hosts"])
  }
}
