import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct DefaultModeVEPATests {
  /// The sibling is the host's own interface.
  static func shim(_ mode: ChildMode, container: ChildMode = .bridge) -> Scenario {
    var scenario = Scenario(mode: container)
    scenario.addSibling(mode)
    let own = InterfaceID(namespace: Scenario.host, ifindex: 4)
    for path in [\Observation.before, \Observation.after] {
      for index in scenario.observation[keyPath: path].interfaces.indices
      where scenario.observation[keyPath: path].interfaces[index].id == Scenario.siblingID {
        scenario.observation[keyPath: path].interfaces[index].id = own
        scenario.observation[keyPath: path].interfaces[index].namespace = "host"
      }
      scenario.observation[keyPath: path].namespaces.removeAll { $0.id == Scenario.siblingID.namespace }
    }
    scenario.change(namespace: Scenario.host) { $0.localAddresses.append(Family.v4.address(30)) }
    return scenario
  }
  static let ownOut = Hook(InterfaceID(namespace: Scenario.host, ifindex: 4), .egress)

  @Test(arguments: [ChildMode.bridge, .vepa]) func isProven(_ container: ChildMode) {
    var scenario = Self.shim(.vepa, container: container)
    scenario.asks(from: 30, mac: Scenario.siblingMAC, for: 10, at: [Self.ownOut, Scenario.parentOut])
    #expect(scenario.ids == ["default-mode-vepa"] && scenario.confidences == [.proven])
    #expect(scenario.findings[0].fixes[0].commands.count == (container == .bridge ? 1 : 2))
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  /// The child asks for the host's address, to which the way back leads by that interface.
  @Test func theChildsSideIsTheSame() {
    var scenario = Self.shim(.vepa)
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 2, at: [Scenario.childOut, Scenario.parentOut])
    #expect(scenario.ids == ["child-to-host-bridge"], "without a route by it, it has no part in that")
    scenario.route(
      Scenario.host,
      RouteEntry(destination: IPPrefix(host: Family.v4.address(10)), interface: Self.ownOut.interface))
    #expect(scenario.ids == ["default-mode-vepa"])
  }

  /// The look-alikes: what comes back is another matter, and between containers nobody knows whether it was chosen.
  @Test func otherCausesKeepTheirNames() {
    var returned = Self.shim(.vepa)
    returned.asks(
      from: 30, mac: Scenario.siblingMAC, for: 10,
      at: [Self.ownOut, Scenario.parentOut, Scenario.parentIn])
    #expect(!returned.ids.contains("default-mode-vepa"))
    let containers = PrivateSiblingIsolationTests.siblings(
      .vepa, .vepa, .v4, at: PrivateSiblingIsolationTests.notReturned)
    #expect(containers.ids == ["vepa-no-reflective-relay"])
    var isolated = Self.shim(.vepa, container: .private)
    isolated.asks(from: 30, mac: Scenario.siblingMAC, for: 10, at: [Self.ownOut, Scenario.parentOut])
    #expect(isolated.ids == ["private-sibling-isolation"])
  }
}
