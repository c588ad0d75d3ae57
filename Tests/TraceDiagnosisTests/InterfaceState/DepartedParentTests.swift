import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct DepartedParentTests {
  static func departed(_ departed: DepartedParent) -> Scenario {
    var scenario = Scenario()
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 3, at: [Scenario.childOut])
    scenario.observation.departedParent = departed
    return scenario
  }

  static func moved(up: Bool = false) -> DepartedParent {
    var there = Interface(
      id: InterfaceID(namespace: 7, ifindex: 2), name: "ens33", namespace: "tenant", kind: .parent,
      mac: Scenario.parentMAC)
    there.up = up
    there.carrier = up
    return DepartedParent(interface: there, netnsName: "tenant", survivors: [Scenario.childID])
  }

  @Test func movedIsProven() {
    let scenario = Self.departed(Self.moved())
    #expect(scenario.ids == ["parent-moved-netns"] && scenario.confidences == [.proven])
    let fixes = scenario.findings[0].fixes
    #expect(fixes[0].commands == ["ip netns exec tenant ip link set dev ens33 up"])
    #expect(fixes[1].commands.last == "ip address add fd16::2/64 dev ens33")
  }

  /// The look-alikes: it works where it is now; it is nowhere, with its children or without them.
  @Test func otherEndings() {
    #expect(Self.departed(Self.moved(up: true)).ids.isEmpty)
    let deleted = Self.departed(DepartedParent())
    #expect(deleted.ids == ["parent-deleted"] && deleted.confidences == [.proven])
    let hidden = Self.departed(DepartedParent(survivors: [Scenario.childID]))
    #expect(hidden.ids == ["parent-moved-netns"] && hidden.confidences == [.likely])
    var childless = Self.departed(DepartedParent())
    for path in [\Observation.before, \Observation.after] {
      childless.observation[keyPath: path].interfaces.removeLast()
    }
    #expect(childless.ids.isEmpty)
  }

  /// An interface of its name is there again: its children are not.
  @Test func madeAnewItIsStillDeleted() {
    var scenario = Scenario()
    scenario.observation.departedParent = DepartedParent()
    scenario.observation.changes = [NetworkChange.Kind.parentGone, .parentReturned].enumerated().map {
      NetworkChange(time: UInt64($0.offset), kind: $0.element, interface: Scenario.parentID, text: "")
    }
    #expect(scenario.ids.isEmpty, "and its child is there again, too")
    scenario.observation.after.interfaces.removeLast()
    #expect(scenario.ids == ["parent-deleted"] && scenario.confidences == [.proven])
  }

  /// Found down and without an address in another namespace than the observer's.
  @Test func foundElsewhereIsLikely() {
    var scenario = Scenario()
    scenario.change(Scenario.parentID) {
      $0.up = false
      $0.addresses = []
    }
    #expect(scenario.ids == ["parent-down"])
    scenario.observation.observerNamespace = Scenario.host
    #expect(scenario.ids == ["parent-down"])
    scenario.observation.observerNamespace = 99
    #expect(scenario.ids == ["parent-moved-netns"] && scenario.confidences == [.likely])
    scenario.change(Scenario.parentID) { $0.addresses = [IPPrefix(host: Family.v4.address(2))] }
    #expect(scenario.ids == ["parent-down"])
  }

  @Test func aLoweredMTU() {
    var scenario = Scenario()
    for id in [Scenario.parentID, Scenario.childID] { scenario.change(id) { $0.mtu = 1500 } }
    #expect(scenario.ids.isEmpty)
    scenario.observation.after.interfaces[0].mtu = 1400
    #expect(scenario.ids.isEmpty, "a child that was below already loses nothing")
    scenario.observation.after.interfaces[1].mtu = 1400
    #expect(scenario.ids == ["mtu-child-above-parent"] && scenario.confidences == [.proven])
    #expect(
      scenario.findings[0].fixes[0].commands == [
        "ip link set dev ens33 mtu 1500", "ip netns exec bbox1 ip link set dev eth0 mtu 1500",
      ])
  }
}
