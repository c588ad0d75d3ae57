import Testing
import TraceModel

@testable import TraceDiagnosis

/// What holds for the rules on a host and its own child, in every mode.
enum HostChildChecks {
  /// The request left the parent, never came back, and never reached the child.
  static func hostToChild(_ mode: ChildMode, _ family: Family) -> Scenario {
    var scenario = Scenario(mode: mode, over: family)
    scenario.asks(from: 2, mac: Scenario.parentMAC, for: 10, at: [Scenario.parentOut])
    return scenario
  }

  /// The child's request left the parent and never came back.
  static func childToHost(_ mode: ChildMode, _ family: Family) -> Scenario {
    var scenario = Scenario(mode: mode, over: family)
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 2, at: [Scenario.childOut, Scenario.parentOut])
    return scenario
  }

  /// Found in both directions, told weaker when something is missing, and healthy again once it works.
  static func check(_ mode: ChildMode, _ family: Family, hostsSide: String, childsSide: String) {
    let chains = [(hostToChild(mode, family), hostsSide), (childToHost(mode, family), childsSide)]
    for (scenario, id) in chains {
      #expect(scenario.ids == [id] && scenario.confidences == [.proven])
      #expect(scenario.findings.first?.fixes.first?.commands.isEmpty == false)
      var lossy = scenario
      lossy.losesFrames()
      #expect(lossy.ids == [id] && lossy.confidences == [.likely])
      var pending = scenario
      pending.observation.window.monotonicEnd = Scenario.second * 3 / 2
      #expect(pending.ids.isEmpty, "what may still be answered is no failure")
    }
    var unseen = hostToChild(mode, family)
    unseen.hideChild()
    unseen.segmentIsAlive()
    #expect(!unseen.confidences.contains(.proven), "nobody looked inside the child's namespace")

    var cured = hostToChild(mode, family)
    cured.answers(
      from: 10, mac: Scenario.childMAC, to: 2, Scenario.parentMAC, second: 4,
      at: [Scenario.childOut, Scenario.parentIn])
    if mode != .passthru { #expect(cured.ids.isEmpty, "success after failure is healthy") }
  }

  /// The switch returns frames, the other one hears and answers.
  static func reflecting(_ mode: ChildMode, _ family: Family) -> Scenario {
    var scenario = Scenario(mode: mode, over: family)
    scenario.asks(
      from: 2, mac: Scenario.parentMAC, for: 10, times: 1,
      at: [Scenario.parentOut, Scenario.parentIn, Scenario.childIn])
    scenario.answers(
      from: 10, mac: Scenario.childMAC, to: 2, Scenario.parentMAC, second: 1,
      at: [Scenario.childOut, Scenario.parentOut, Scenario.parentIn])
    return scenario
  }
}

extension Scenario {
  /// The child's namespace could not be entered: it is known from the parent's forwarding entries alone.
  mutating func hideChild() {
    let hidden = InterfaceID(namespace: 0, ifindex: 3)
    change(Self.childID) {
      $0.id = hidden
      $0.addresses = []
    }
    for path in [\Observation.before, \Observation.after] {
      observation[keyPath: path].namespaces.removeAll { $0.id == Self.childID.namespace }
    }
  }
}
