import Netlink
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// Who reaches whom in which mode, on an ordinary switch port and on one that returns frames: what the kernel does is
/// what the diagnosis says, over IPv4 and IPv6.
@Suite(.serialized) struct ModeMatrixTests {
  enum Direction: String, CaseIterable {
    case hostToChild, childToHost, childToSibling, childToWire, wireToChild, hostToWire, wireToHost

    /// The namespaces of the two, and the last group of the target's addresses.
    var ends: (from: String, to: String) {
      switch self {
      case .hostToChild: ("docker01", "10")
      case .childToHost: ("bbox1", "2")
      case .childToSibling: ("bbox1", "30")
      case .childToWire: ("bbox1", "20")
      case .wireToChild: ("bbox2", "10")
      case .hostToWire: ("docker01", "20")
      case .wireToHost: ("bbox2", "2")
      }
    }
  }

  struct Network: CustomTestStringConvertible {
    var mode: MacvlanMode
    var reflects: Bool

    var testDescription: String { "\(mode), \(reflects ? "reflecting" : "ordinary") port" }

    var directions: [Direction] {
      switch mode {
      // A passthru child is the only one.
      case .passthru: Direction.allCases.filter { $0 != .childToSibling }
      default: Direction.allCases
      }
    }

    /// The cause, where it fails (the mode matrix of drivers/net/macvlan.c); `nil` where it passes.
    func cause(_ direction: Direction) -> String? {
      switch (mode, direction) {
      case (.bridge, .hostToChild): reflects ? nil : "host-to-child-bridge"
      case (.bridge, .childToHost): reflects ? nil : "child-to-host-bridge"
      // What a private child broadcasts is given back to it alone when a switch returns it: it is never answered.
      case (.private, .childToHost): "host-to-child-private"
      case (.private, .hostToChild): reflects ? nil : "host-to-child-private"
      case (.private, .childToSibling): "private-sibling-isolation"
      case (.vepa, .hostToChild), (.vepa, .childToHost): reflects ? nil : "host-to-child-vepa"
      case (.vepa, .childToSibling): reflects ? nil : "vepa-no-reflective-relay"
      case (.passthru, .hostToChild), (.passthru, .childToHost), (.passthru, .hostToWire),
        (.passthru, .wireToHost):
        "host-to-child-passthru"
      case (.source, .hostToChild), (.source, .childToHost): "host-to-child-source"
      // The list is empty.
      case (.source, .childToSibling): reflects ? "source-mac-not-listed" : "sibling-mode-mismatch"
      case (.source, .wireToChild), (.source, .childToWire): "source-mac-not-listed"
      default: nil
      }
    }
  }

  static let networks = [MacvlanMode.bridge, .private, .vepa, .passthru, .source].flatMap { mode in
    [false, true].map { Network(mode: mode, reflects: $0) }
  }

  @Test(arguments: networks) func whatFailsIsFoundAndWhatPassesIsNot(_ network: Network) throws {
    var specification = LabSpecification(mode: network.mode)
    specification.reflects = network.reflects
    if network.directions.contains(.childToSibling) {
      specification.add("bbox3", host: 0, "172.22.16.30/24", network.mode)
    }
    try Observed.withLab(specification) { lab in
      try Observed.addIPv6(lab)
      for direction in network.directions { try Self.check(lab, network, direction) }
    }
  }

  private static func check(_ lab: Lab, _ network: Network, _ direction: Direction) throws {
    for name in ["docker01", "bbox1", "bbox2"] { _ = try lab.run(["ip", "neigh", "flush", "all"], in: name) }
    let (from, to) = direction.ends
    let cause = network.cause(direction)
    let pings =
      "ping -c 2 -i 0.2 -w 1 172.22.16.\(to) & ping -c 2 -i 0.2 -w 1 fd16::\(to); six=$?; wait $!; exit $(($? * 10 + six))"
    let observation = try Observed.observe(lab, waiting: cause == nil ? 50 : 250) {
      let result = try lab.run(["sh", "-c", pings], in: from)
      // 1 is ping's status for no answer.
      #expect(result.status == (cause == nil ? 0 : 11), "\(network) \(direction): \(result.output)")
    }
    let findings = Diagnosis.evaluate(observation).findings.filter { $0.severity >= .warning }
    var record = ScenarioRecord(
      "mode \(network.mode.rawValue), \(network.reflects ? "reflecting" : "ordinary") port, \(direction.rawValue)",
      causes: cause.map { [$0] } ?? [])
    record.note(passive: findings)
    record.write()
    #expect(
      findings.map(\.id) == (cause.map { [$0] } ?? []), "\(network) \(direction): \(findings.map(\.evidence))"
    )
    #expect(
      findings.allSatisfy { $0.confidence == .proven }, "\(network) \(direction): \(findings.map(\.evidence))"
    )
  }
}
