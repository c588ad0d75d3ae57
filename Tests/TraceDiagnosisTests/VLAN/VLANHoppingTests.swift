import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// `vlan-hopping`: no lab has a switch that strips a tag and goes by the next one, so values tell.
@Suite struct VLANHoppingTests {
  private static let made = MACAddress(rawValue: 0x0300_1234_5678)

  private static func network(_ kind: StrayFrame.Kind) throws -> TrunkNetwork {
    let pair = VLANPair(try #require(VLANID(10)), try #require(VLANID(20)))
    var network = TrunkNetwork()
    network.verify(strays: [
      StrayFrame(pair: pair, kind: kind, source: TrunkNetwork.a, destination: made, count: 2, sent: 1)
    ])
    return network
  }

  private static func counter(_ direction: Direction, _ vlan: UInt16, inner: UInt16? = nil) -> Counter {
    var counter = Counter(
      interface: Scenario.parentID, direction: direction, vlan: VLANID(vlan), source: TrunkNetwork.a,
      destination: made, frames: 2, bytes: 128)
    counter.innerVLAN = inner.flatMap(VLANID.init)
    return counter
  }

  @Test func aSecondTagThatTakesAFrameAcrossIsProven() throws {
    var network = try Self.network(.doubleTagged)
    network.observation.counters = [Self.counter(.egress, 10, inner: 20)]
    #expect(Diagnosis.evaluate(network.observation).findings == [])
    network.observation.counters.append(Self.counter(.ingress, 20))
    let findings = Diagnosis.evaluate(network.observation).findings
    #expect(findings.map(\.id) == ["vlan-hopping"] && findings.first?.confidence == .proven)
  }

  /// Both tags are there still: a port that reflects sent it back as it was.
  @Test func aFrameThatComesBackWithBothTagsIsNone() throws {
    var network = try Self.network(.doubleTagged)
    network.observation.counters = [
      Self.counter(.egress, 10, inner: 20), Self.counter(.ingress, 10, inner: 20),
    ]
    #expect(Diagnosis.evaluate(network.observation).findings == [])
  }

  /// A frame with one tag that comes out in another VLAN leaks, and does not hop.
  @Test func aLeakIsNotTakenForIt() throws {
    var network = try Self.network(.group)
    network.observation.counters = [Self.counter(.egress, 10), Self.counter(.ingress, 20)]
    let claim = try #require(network.path(10, 20)?.claims.first { $0.number == 15 })
    #expect(claim.cause == "vlan-l2-leak")
    #expect(!Diagnosis.evaluate(network.observation).findings.map(\.id).contains("vlan-hopping"))
  }
}
