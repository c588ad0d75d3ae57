import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct IPvlanTests {
  /// The child is one of ipvlan, with its parent's MAC address.
  static func ipvlan(_ mode: ChildMode, over family: Family = .v4, address: String? = nil) -> Scenario {
    var scenario = Scenario(mode: mode, over: family)
    scenario.change(Scenario.childID) {
      $0.kind = .ipvlan
      $0.mac = Scenario.parentMAC
      if let address { $0.addresses = [address].compactMap { IPPrefix($0) } }
    }
    return scenario
  }

  @Test(arguments: Family.allCases) func theHostsRequestsAreProven(_ family: Family) {
    var scenario = Self.ipvlan(.l2, over: family)
    scenario.asks(from: 2, mac: Scenario.parentMAC, for: 10, at: [Scenario.parentOut])
    #expect(scenario.ids == ["ipvlan-host"] && scenario.confidences == [.proven])
    #expect(scenario.findings[0].fixes[0].commands[0].hasSuffix("type ipvlan mode l2"))
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  @Test(arguments: Family.allCases) func theChildsRequestsAreProven(_ family: Family) {
    var scenario = Self.ipvlan(.l2, over: family)
    scenario.asks(from: 10, mac: Scenario.parentMAC, for: 2, at: [Scenario.childOut, Scenario.parentOut])
    #expect(scenario.ids == ["ipvlan-host"] && scenario.confidences == [.proven])
  }

  /// The look-alike: a macvlan child has an address of its own, and the same failure another name.
  @Test func macvlanIsNotThis() {
    #expect(HostChildChecks.hostToChild(.bridge, .v4).ids == ["host-to-child-bridge"])
  }

  /// An ipvlan in mode l3 or l3s has the flag NOARP by nature, whoever asks and whatever fails; in mode l2 it is a fault.
  @Test(arguments: [(ChildMode.l3, false), (.l3s, false), (.l2, true)])
  func noARPIsNormalAboveLayer2(_ mode: ChildMode, isFault: Bool) {
    var asking = Self.ipvlan(mode)
    asking.change(Scenario.childID) { $0.arp = false }
    asking.pings(
      from: 10, mac: Scenario.parentMAC, to: 99, Scenario.parentMAC, at: [Scenario.childOut])
    #expect(asking.ids.contains("arp-off") == isFault, "\(asking.ids)")
    var asked = Self.ipvlan(mode)
    asked.change(Scenario.childID) { $0.arp = false }
    asked.addSibling(.bridge)
    asked.asks(
      from: 30, mac: Scenario.siblingMAC, for: 10, at: [Scenario.siblingOut, Scenario.childIn])
    #expect(asked.ids.contains("arp-off") == isFault, "\(asked.ids)")
  }

  static func routed(_ address: String = "172.22.16.10/32") -> Scenario {
    var scenario = ipvlan(.l3, address: address)
    scenario.change(Scenario.parentID) { $0.addresses = [IPPrefix("10.1.1.2/24")].compactMap(\.self) }
    scenario.pings(
      from: 10, mac: Scenario.parentMAC, to: 3, Scenario.otherMAC,
      at: [Scenario.childOut, Scenario.parentOut])
    return scenario
  }

  /// What such a child sends has no MAC address of the next hop yet: that is no stale one.
  @Test func aMACAddressBeforeTheParentMeansNothing() {
    var scenario = Self.ipvlan(.l3, address: "172.22.16.10/32")
    scenario.change(Scenario.parentID) { $0.addresses = [IPPrefix("10.1.1.2/24")].compactMap(\.self) }
    scenario.asks(from: 3, mac: Scenario.otherMAC, for: 2, times: 1, at: [Scenario.parentIn])
    scenario.pings(
      from: 10, mac: Scenario.parentMAC, to: 3, Scenario.parentMAC, at: [Scenario.childOut])
    #expect(!scenario.ids.contains("stale-arp"), "\(scenario.findings)")
  }

  @Test func noReturnRouteIsLikely() {
    var scenario = Self.routed()
    #expect(scenario.ids == ["ipvlan-l3-no-return-route"] && scenario.confidences == [.likely])
    scenario.asks(from: 3, mac: Scenario.otherMAC, for: 10, at: [Scenario.parentIn])
    #expect(scenario.ids.first == "ipvlan-l3-no-return-route" && scenario.confidences.first == .proven)
  }

  /// The look-alikes: an address of the parent's own network needs no route; mode l2 is no router.
  @Test func aChildOfTheSegmentIsNotThis() {
    var near = Self.routed()
    near.change(Scenario.parentID) { $0.addresses = [IPPrefix("172.22.16.2/24")].compactMap(\.self) }
    #expect(near.ids == ["no-reply-from-wire"])
    var flat = Self.routed()
    flat.change(Scenario.childID) { $0.mode = .l2 }
    #expect(flat.ids == ["no-reply-from-wire"])
  }
}
