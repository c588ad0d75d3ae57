import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// Tags that are there twice, in the wrong place, or changed.
@Suite struct TagTests {
  private static func counts(
    _ interface: InterfaceID, _ vlan: UInt16?, _ scenario: inout Scenario
  ) {
    scenario.observation.counters.append(
      Counter(
        interface: interface, direction: .ingress, vlan: vlan.flatMap { VLANID($0) },
        source: Scenario.otherMAC, destination: .broadcast, frames: 3, bytes: 180))
  }

  /// Gives what was seen at a hook a tag.
  private static func tag(_ hook: Hook, _ vlan: UInt16, _ scenario: inout Scenario) {
    for index in scenario.observation.sightings.indices
    where scenario.observation.sightings[index].hook == hook {
      scenario.observation.sightings[index].frame.outerTag = VLANTag(controlInformation: vlan)
    }
  }

  @Test func onAVirtualSwitchUntaggedFramesAloneMeanThatItTags() {
    var scenario = Scenario()
    scenario.moveToVLAN()
    scenario.asks(
      from: 10, mac: Scenario.childMAC, for: 3, at: [Scenario.childOut, Scenario.vlanOut, Scenario.parentOut])
    Self.tag(Scenario.parentOut, 10, &scenario)
    Self.counts(Scenario.parentID, nil, &scenario)
    #expect(scenario.ids == ["vlan-missing-on-trunk"] && scenario.confidences == [.likely])
    #expect(scenario.findings.first?.evidence.last?.text.contains("a second address of VLAN 10") == true)
    var hardware = ParentHardware()
    hardware.driver = "vmxnet3"
    scenario.observation.hardware = hardware
    #expect(scenario.ids == ["double-tag-vst"] && scenario.confidences == [.possible])
    // The look-alike: a trunk that lacks one VLAN.
    Self.counts(Scenario.parentID, 20, &scenario)
    #expect(scenario.ids == ["vlan-missing-on-trunk"])
  }

  /// Of one address alone its machine may be off; two that are both silent are the VLAN's.
  @Test func aVLANIsProvenToBeMissingByTwoAddresses() {
    var scenario = Scenario()
    scenario.moveToVLAN()
    for target: UInt64 in [3, 99] {
      scenario.asks(
        from: 10, mac: Scenario.childMAC, for: target,
        at: [Scenario.childOut, Scenario.vlanOut, Scenario.parentOut])
    }
    Self.tag(Scenario.parentOut, 10, &scenario)
    Self.counts(Scenario.parentID, 20, &scenario)
    #expect(scenario.ids == ["vlan-missing-on-trunk"] && scenario.confidences == [.proven])
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  @Test func aTagThatIsLeftInTheFrameIsSeenAtTheSubinterface() {
    var scenario = Scenario()
    scenario.moveToVLAN()
    Self.counts(Scenario.vlanID, 10, &scenario)
    #expect(scenario.ids.isEmpty)
    scenario.change(Scenario.vlanID) { $0.reordersHeader = false }
    #expect(scenario.ids == ["reorder-hdr-off"] && scenario.findings.first?.severity == .info)
    scenario.observation.counters = []
    #expect(scenario.ids.isEmpty, "a setting alone is nothing")
  }

  private static func passing(_ source: MACAddress, _ hooks: [Hook], ttl: UInt8 = 64) -> Scenario {
    var scenario = Scenario()
    scenario.pings(from: 10, mac: source, to: 3, .broadcast, at: hooks)
    tag(hooks[0], 10, &scenario)
    tag(hooks[1], 20, &scenario)
    for index in scenario.observation.sightings.indices
    where scenario.observation.sightings[index].hook == hooks[1] {
      guard case .ip(var ip) = scenario.observation.sightings[index].frame.network else { continue }
      ip.ttl = ttl
      scenario.observation.sightings[index].frame.network = .ip(ip)
    }
    return scenario
  }

  @Test func aFrameThatComesBackInAnotherVLANLeaked() {
    let ways = [Scenario.parentOut, Scenario.parentIn]
    #expect(Self.passing(Scenario.childMAC, ways).ids.contains("vlan-l2-leak"))
    // The look-alike: a router's copy has one hop less.
    #expect(!Self.passing(Scenario.childMAC, ways, ttl: 63).ids.contains("vlan-l2-leak"))
    // The look-alike: a router with one MAC address says the same in both VLANs.
    var twice = Self.passing(Scenario.otherMAC, ways)
    for index in twice.observation.sightings.indices {
      twice.observation.sightings[index].hook = Scenario.parentIn
    }
    #expect(!twice.ids.contains("vlan-l2-leak"))
  }
}
