import NetworkAddresses
import Testing
import TraceModel
import TraceReport

@Suite("Names from outside") struct HostileTextTests {
  /// A topology and findings in which every text is `name`.
  static func snapshot(_ name: String) -> LiveSnapshot {
    var topology = Sample.topology()
    for index in topology.interfaces.indices {
      topology.interfaces[index].name = name
      topology.interfaces[index].namespace = name
      topology.interfaces[index].container =
        index == 1 ? nil : Container(runtime: name, name: name, network: name)
    }
    return LiveSnapshot(
      elapsed: 1, topology: topology, counters: Sample.counters(), findings: [finding(name)],
      changes: [NetworkChange(time: 1, kind: .programRemoved, interface: Sample.parentID, text: name)])
  }

  static func finding(_ name: String) -> Finding {
    Finding(
      id: name, severity: .error, confidence: .proven, title: name, explanation: name + " is down",
      subjects: [name],
      path: [PathStep(name, .egress, .passed, name)], evidence: [Evidence(.state, name)],
      fixes: [Fix(name, commands: ["ip link set \(name) up"])])
  }

  static func report(_ name: String) -> Report {
    let topology = snapshot(name).topology
    var observation = Observation(
      tool: ToolInformation(version: name, command: name), host: HostInformation(name: name, kernel: name),
      window: ObservationWindow(start: name, end: name, seconds: 1), before: topology, after: topology)
    observation.counters = Sample.counters()
    observation.loss.overBudget = [name: 4]
    observation.degradations = [Degradation(feature: name, consequence: name)]
    observation.otherPrograms = [OtherProgramTextTests.xdp(name), OtherProgramTextTests.filter(name)]
    observation.blindHooks = [BlindHook(Hook(Sample.parentID, .egress), since: 1, reason: name)]
    return Report(
      of: observation, findings: [finding(name)], notEvaluated: [NotEvaluated(id: name, because: name)])
  }

  static func doctor(_ name: String) -> DoctorReport {
    DoctorReport(
      tool: ToolInformation(version: name, command: name), host: HostInformation(name: name, kernel: name),
      checks: [DoctorCheck(name, .missing, detail: name, consequence: name)],
      hooks: [PlannedHook(hook: name, mechanism: name, why: name)],
      leftovers: [Leftover(interface: name, what: name, swept: false)],
      interfaces: snapshot(name).topology.interfaces, otherPrograms: [OtherProgramTextTests.xdp(name)],
      places: [
        PlannedPlace(Hook(Sample.parentID, .ingress), mechanism: name, why: name),
        PlannedPlace(Hook(Sample.parentID, .egress), mechanism: nil, why: name),
      ])
  }

  /// All that is printed for a person.
  static func everything(_ name: String, _ style: TextStyle) -> [String] {
    let live = snapshot(name)
    var plain = LivePlain()
    return [
      TextReport.render(report(name), style: style), TopologyText.render(live.topology, style: style),
      DoctorText.render(doctor(name), style: style),
      LiveView(live).lines(style: style, height: 50).joined(separator: "\n"),
      plain.lines(for: live, style: style).joined(separator: "\n"),
    ]
  }

  @Test("control characters and escape sequences are shown escaped, never sent", arguments: hostileTexts)
  func controlsAreEscaped(name: String) {
    for width in [40, 100] {
      for colors in [false, true] {
        for text in Self.everything(name, TextStyle(colors: colors, width: width)) {
          #expect(controls(in: withoutColors(text)).isEmpty)
          for mark in ["\u{202e}", "\u{2028}", "\u{200b}", "\u{e000}"] {
            #expect(!text.unicodeScalars.contains(mark.unicodeScalars.first ?? " "))
          }
        }
      }
    }
  }

  @Test("a name that is a color cannot color anything")
  func colorsAreNotTaken() {
    for text in Self.everything("\u{1b}[31mred", TextStyle(colors: false)) {
      #expect(!text.contains("\u{1b}"))
      #expect(text.contains("\\u{1b}[31mred"))
    }
  }

  @Test("a line feed in a name makes no line")
  func noForgedLines() {
    let forged = "x\n✓ no problem found"
    for text in Self.everything(forged, TextStyle(colors: false)) {
      for line in lines(text) { #expect(!line.hasPrefix("✓ no problem found")) }
    }
  }

  @Test("a name of any length keeps within the width", arguments: [40, 100])
  func longNames(width: Int) {
    let name = String(repeating: "long", count: 300)
    for text in Self.everything(name, TextStyle(colors: false, width: width)).dropLast() {
      for line in lines(text) where !line.contains("ip link set") {
        #expect(line.unicodeScalars.count <= width, "\(line)")
      }
    }
  }
}
