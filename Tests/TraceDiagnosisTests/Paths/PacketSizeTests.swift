import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct PacketSizeTests {
  private static let heard = [Scenario.parentIn, Scenario.childIn]

  private static func scenario(passing: [Int], vanishing: [Int], after: Bool = true) -> Scenario {
    var scenario = Scenario(seconds: 12)
    for (second, size) in passing.enumerated() {
      scenario.exchanges(size, second: 1 + second, answered: heard)
    }
    for (second, size) in vanishing.enumerated() { scenario.exchanges(size, second: 4 + second) }
    if after { scenario.exchanges(84, second: 9, answered: heard) }
    return scenario
  }

  @Test func largePacketsThatVanishAreFound() {
    let scenario = Self.scenario(passing: [84, 1400], vanishing: [1500, 1500])
    #expect(scenario.ids == ["pmtu-blackhole"] && scenario.confidences == [.proven])
  }

  /// Fragments of a packet between the same two, of that protocol, with that identification.
  private static func fragments(_ protocol: UInt8, _ identification: UInt32, _ scenario: inout Scenario) {
    var ip = IPFields(
      source: Family.v4.address(10), destination: Family.v4.address(3), protocol: `protocol`, ttl: 64,
      identification: identification)
    ip.fragmentOffset = 185
    scenario.packets(
      ip, mac: Scenario.childMAC, to: Scenario.otherMAC, at: [Scenario.childOut, Scenario.parentOut])
  }

  /// Only a probe's own fragments make it look smaller than it is.
  @Test func fragmentsOfOtherPacketsHideNothing() {
    var scenario = Self.scenario(passing: [84, 1400], vanishing: [1500, 1500])
    Self.fragments(17, 0, &scenario)
    Self.fragments(1, 7, &scenario)
    #expect(scenario.ids == ["pmtu-blackhole"] && scenario.confidences == [.proven])
    // The exchange's requests have identification 0.
    Self.fragments(1, 0, &scenario)
    #expect(scenario.ids == [])
  }

  @Test func aTargetThatDiedMeanwhileIsNotProof() {
    let scenario = Self.scenario(passing: [84], vanishing: [1500, 1500], after: false)
    #expect(scenario.confidences == [.likely])
  }

  @Test func oneLostPacketIsNone() {
    #expect(Self.scenario(passing: [84], vanishing: [1500]).ids == [])
  }

  @Test func whoIsToldWhatFitsIsNotInTheDark() {
    var scenario = Self.scenario(passing: [84], vanishing: [1500, 1500])
    scenario.packets(
      IPFields(
        source: Family.v4.address(1), destination: Family.v4.address(10), protocol: 1, ttl: 64,
        transport: .icmp(type: 3, code: 4, identifier: 0, sequence: 1400)),
      mac: Scenario.otherMAC, to: Scenario.childMAC, times: 6, delay: 4000, at: Self.heard)
    #expect(scenario.ids == [])
  }

  @Test func aSmallPacketThatIsNotAnsweredIsAnotherCause() {
    var scenario = Scenario()
    scenario.exchanges(84, second: 1)
    scenario.exchanges(84, second: 2)
    scenario.exchanges(1500, second: 3)
    #expect(scenario.ids == ["no-reply-from-wire"])
  }

  private static func tagged(passing: [Int], vanishing: [Int]) -> Scenario {
    var scenario = scenario(passing: passing, vanishing: vanishing)
    scenario.moveToVLAN()
    for id in [Scenario.parentID, Scenario.vlanID, Scenario.childID] { scenario.change(id) { $0.mtu = 1500 } }
    for index in scenario.observation.sightings.indices
    where scenario.observation.sightings[index].hook.interface == Scenario.parentID {
      scenario.observation.sightings[index].frame.outerTag = VLANTag(controlInformation: 10)
      scenario.observation.sightings[index].length += 4
    }
    return scenario
  }

  @Test func aTagThatMakesFramesTooLongIsFound() {
    let scenario = Self.tagged(passing: [84, 1496], vanishing: [1500, 1497])
    #expect(scenario.ids == ["vlan-mtu-overhead"] && scenario.confidences == [.proven])
  }

  @Test func aVLANWhoseFramesVanishFromLessOnIsNoMatterOfItsTag() {
    let scenario = Self.tagged(passing: [84, 1400], vanishing: [1500, 1450])
    #expect(scenario.ids == ["pmtu-blackhole"])
  }
}
