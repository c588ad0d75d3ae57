import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ContainersTests {
  static func asking() -> Scenario {
    var scenario = Scenario()
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 99, at: [Scenario.childOut, Scenario.parentOut])
    return scenario
  }

  @Test func aDummyLeadsNowhere() {
    var scenario = Self.asking()
    scenario.change(Scenario.parentID) {
      $0.linkKind = "dummy"
      $0.name = "dm-1a2b3c"
    }
    #expect(scenario.ids == ["docker-dummy-parent"] && scenario.confidences == [.proven])
    scenario.segmentIsAlive()
    #expect(scenario.ids == ["neighbor-unanswered"], "somebody is there")
    var quiet = Scenario()
    quiet.change(Scenario.parentID) { $0.linkKind = "dummy" }
    #expect(quiet.ids.isEmpty, "a network of its own, on purpose")
  }

  /// The parent has no children, and an owner.
  static func taken(_ owner: ReceiveHandler?) -> Scenario {
    var scenario = Scenario()
    for path in [\Observation.before, \Observation.after] {
      scenario.observation[keyPath: path].interfaces.removeLast()
    }
    scenario.change(Scenario.parentID) { $0.receiveHandler = owner }
    return scenario
  }

  @Test func aPortOfABridgeIsANote() {
    var scenario = Self.taken(ReceiveHandler(kind: "bridge", name: "br0"))
    #expect(scenario.ids == ["rx-handler-busy"] && scenario.findings[0].severity == .info)
    #expect(Self.taken(nil).ids.isEmpty && Self.taken(ReceiveHandler(kind: "macvlan")).ids.isEmpty)
    scenario.observation.probeRun = ProbeRun(
      from: Station(label: "a"), to: Station(label: "b"), protocol: .icmp)
    #expect(scenario.ids.isEmpty, "nobody named the interface")
  }

  static func networks(_ mode: ChildMode, _ networks: [ContainerNetwork]) -> Scenario {
    var scenario = Scenario(mode: mode)
    scenario.change(Scenario.parentID) { $0.receiveHandler = ReceiveHandler(kind: "macvlan") }
    scenario.observation.containerNetworks = networks
    return scenario
  }
}
