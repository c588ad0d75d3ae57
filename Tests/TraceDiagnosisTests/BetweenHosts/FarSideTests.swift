import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// The router's side of a probe, where the router is in another namespace of the machine.
@Suite struct FarSideTests {
  private static let router = InterfaceID(namespace: 50, ifindex: 7)
  private static let routerMAC = Scenario.mac(0x50)

  /// bbox1 probes 99 by its gateway, 1, whose MAC address it asks for in vain.
  private static func near() -> Scenario {
    var scenario = Scenario()
    scenario.observation.observerNamespace = Scenario.host
    scenario.observation.probeRun = ProbeRun(
      from: Station(
        label: "bbox1", namespace: 2, interface: Scenario.childID, address: Family.v4.address(10)),
      to: Station(label: "99", address: Family.v4.address(99)), protocol: .icmp,
      probes: (1...3).map { Probe(sent: Scenario.second * $0 - 1000) })
    scenario.asked(2, to: 99, by: Scenario.childID, gateway: 1)
    scenario.route(
      2,
      RouteEntry(
        destination: IPPrefix(host: Family.v4.address(99)), gateway: Family.v4.address(1),
        interface: Scenario.childID))
    scenario.asks(
      from: 10, mac: Scenario.childMAC, for: 1, at: [Scenario.childOut, Scenario.parentOut])
    scenario.segmentIsAlive()
    return scenario
  }

  /// The router's r0, at which the requests came in.
  private static func far(
    of near: Scenario, hears: Bool = true, _ change: (inout Interface) -> Void = { _ in }
  ) -> Observation {
    var interface = Interface(id: router, name: "r0", namespace: "host", kind: .parent, mac: routerMAC)
    interface.addresses = [IPPrefix("172.22.16.1/24")].compactMap(\.self)
    interface.up = true
    interface.carrier = true
    change(&interface)
    var state = NamespaceState(id: router.namespace, name: "host")
    state.netnsName = "router"
    state.localAddresses = interface.addresses.map(\.address)
    let topology = Topology(parent: router, interfaces: [interface], namespaces: [state])
    var observation = Observation(
      tool: near.observation.tool, host: near.observation.host, window: near.observation.window,
      before: topology, after: topology)
    guard hears else { return observation }
    observation.sightings = near.observation.sightings.filter { $0.hook == Scenario.parentOut }.map {
      var sighting = $0
      sighting.hook = Hook(router, .ingress)
      sighting.time += 5000
      return sighting
    }
    return observation
  }

  @Test func whatIsProvenThereIsNamedAndCuredThere() throws {
    var scenario = Self.near()
    #expect(scenario.ids == ["gateway-nonexistent"], "nothing is known of the router")
    scenario.observation.far = [Self.far(of: scenario) { $0.arp = false }]
    #expect(scenario.ids == ["arp-off"] && scenario.confidences == [.proven])
    let finding = try #require(scenario.findings.first)
    #expect(finding.title.hasPrefix("r0 in router "))
    #expect(finding.fixes.first?.commands == ["ip netns exec router ip link set r0 arp on"])
  }

  @Test func aGatewayThatIsDownThereIsNoneThatDoesNotExist() {
    var scenario = Self.near()
    scenario.observation.far = [Self.far(of: scenario, hears: false) { $0.up = false }]
    #expect(scenario.ids == ["parent-down"] && scenario.confidences == [.proven])
    #expect(
      scenario.findings.first?.fixes.first?.commands == ["ip netns exec router ip link set r0 up"])
  }

  /// Another network may have the same addresses: a side that heard nothing of the probe is none of its way.
  @Test func aSideThatHeardNothingIsNotAsked() {
    var scenario = Self.near()
    scenario.observation.far = [Self.far(of: scenario, hears: false) { $0.arp = false }]
    #expect(scenario.ids == ["gateway-nonexistent"])
    // It has the gateway's address all the same: nobody says that there is none.
    #expect(scenario.confidences == [.likely])
    #expect(scenario.findings.first?.title.hasSuffix("does not answer: router has it") == true)
  }

  @Test func whatIsTypedInTheParentsOwnNamespaceStaysAsItIs() {
    var scenario = Self.near()
    var far = Self.far(of: scenario) { $0.arp = false }
    far.after.namespaces[0].netnsName = nil
    far.after.namespaces[0].pid = 4711
    scenario.observation.far = [far]
    #expect(
      scenario.findings.first?.fixes.first?.commands == [
        "nsenter --net=/proc/4711/ns/net ip link set r0 arp on"
      ])
    scenario.observation.observerNamespace = Self.router.namespace
    #expect(scenario.findings.first?.fixes.first?.commands == ["ip link set r0 arp on"])
  }

  /// Both sides of a trunk: the VLAN's requests leave the one and do not come in at the other, which has the VLAN.
  @Test func aVLANThatIsNotCarriedBetweenTwoTrunksIsProvenByBoth() throws {
    var scenario = Self.near()
    scenario.moveToVLAN()
    Self.tag(10, &scenario.observation)
    var far = Self.far(of: scenario, hears: false)
    for path in [\Observation.before, \.after] {
      var vlan = Interface(
        id: InterfaceID(namespace: Self.router.namespace, ifindex: 8), name: "r0.10", namespace: "host",
        kind: .vlan, mac: Self.routerMAC)
      vlan.parent = Self.router
      vlan.vlan = VLANID(10)
      vlan.up = true
      vlan.carrier = true
      far[keyPath: path].interfaces.append(vlan)
    }
    scenario.observation.far = [far]
    #expect(scenario.confidences != [.proven], "nothing shows that the two are on one switch")
    // What is sent in another VLAN comes over.
    scenario.asks(from: 11, mac: Scenario.mac(0x33), for: 1, at: [Scenario.parentOut])
    let others = scenario.observation.sightings.filter { $0.frame.source == Scenario.mac(0x33) }.map {
      var sighting = $0
      sighting.hook = Hook(Self.router, .ingress)
      return sighting
    }
    // Before the first and after the last that is seen there, nobody may have looked.
    far.sightings = [others[0]]
    scenario.observation.far = [far]
    #expect(scenario.confidences != [.proven])
    far.sightings = others
    scenario.observation.far = [far]
    #expect(scenario.ids == ["vlan-missing-on-trunk"] && scenario.confidences == [.proven])
    #expect(scenario.findings.first?.title == "VLAN 10 is not carried between ens33 and r0 in router")
    // A VLAN that the other side does not have is not for it.
    scenario.observation.far[0].after.interfaces.removeLast()
    #expect(scenario.ids != ["vlan-missing-on-trunk"] || scenario.confidences != [.proven])
  }

  private static func tag(_ vlan: UInt16, _ observation: inout Observation) {
    for index in observation.sightings.indices where observation.sightings[index].hook == Scenario.parentOut {
      observation.sightings[index].frame.outerTag = VLANTag(controlInformation: vlan)
    }
  }
}
