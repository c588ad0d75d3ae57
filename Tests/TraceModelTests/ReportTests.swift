import Foundation
import NetworkAddresses
import Testing
import TraceModel

@Suite("The report's values") struct ReportTests {
  /// What product.md promises, with one of each and nothing that was added since.
  static let contract = #"""
    { "schema": "macvtrace.report/1",
      "tool": {"version": "0.1.0", "command": "attach"}, "host": {"name": "docker01", "kernel": "6.1.0"},
      "window": {"start": "2026-01-01T00:00:00.000000000Z", "end": "2026-01-01T00:00:10.000000000Z", "seconds": 10.0},
      "interfaces": [ {"id": "4026531840:7", "name": "ens33", "ifindex": 7, "namespace": "host",
          "kind": "parent", "parent": null, "mac": "02:00:00:00:00:02", "vlan": 10, "mode": null,
          "addresses": ["172.22.16.2/24"], "up": true, "carrier": true, "promiscuous": false, "mtu": 1500,
          "container": {"runtime": "docker", "name": "bbox1", "network": "mac_net1"} } ],
      "counters": [ {"interface": "4026531840:7", "direction": "ingress", "vlan": 10, "inner_vlan": null,
          "source": "02:00:00:00:00:03", "destination": "02:00:00:00:00:02", "frames": 12, "bytes": 1234} ],
      "findings": [ {"id": "host-to-child-bridge", "severity": "error", "confidence": "proven", "title": "t",
          "explanation": "e", "subjects": ["4026531840:7"], "evidence": [ {"kind": "trajectory", "text": "x"} ],
          "fixes": [ {"text": "f", "commands": ["ip link add"]} ] } ],
      "vlan_paths": [ {"from": 10, "to": 20, "verdict": "routed", "router_mac": "02:00:00:00:00:01",
          "ttl_decrement": 1, "hop_latency_us": {"p50": 31.0, "p99": 80.0}, "evidence": ["v"] } ],
      "loss": {"sightings_dropped": 3, "counter_keys_overflowed": 4} }
    """#

  @Test("a document with the contract's keys alone can be read")
  func readsContract() throws {
    let report = try JSONDecoder().decode(Report.self, from: Data(Self.contract.utf8))
    #expect(report.interfaces.first?.id == InterfaceID(namespace: 4_026_531_840, ifindex: 7))
    #expect(report.interfaces.first?.container?.network == "mac_net1")
    #expect(report.counters.first?.bytes == 1234)
    #expect(report.counters.first?.innerVLAN == nil)
    #expect(report.findings.first?.fixes.first?.commands == ["ip link add"])
    #expect(report.vlanPaths.first?.hopLatency?.p99 == 80)
    #expect(report.loss.counterKeysOverflowed == 4)
    #expect(report.topology?.parent == report.interfaces.first?.id)
  }

  @Test("the report on one host has no key for several; the joined one is of the same form")
  func hosts() throws {
    let report = try JSONDecoder().decode(Report.self, from: Data(Self.contract.utf8))
    #expect(!String(decoding: try JSONEncoder().encode(report), as: UTF8.self).contains("\"hosts\""))
    let joined = JoinedReport(
      [report, report], command: "report", findings: [], notEvaluated: [], limitations: [])
    let document = try JSONEncoder().encode(joined.whole)
    let read = try JSONDecoder().decode(Report.self, from: document)
    #expect(read == joined.whole && read.hosts?.map(\.number) == [1, 2])
    #expect(read.interfaces.map(\.id.description) == ["1/4026531840:7", "2/4026531840:7"])
    #expect(read.findings.map(\.subjects) == [["1/4026531840:7"], ["2/4026531840:7"]])
    #expect(read.loss.sightingsDropped == 6 && read.hosts?.first?.loss.sightingsDropped == 3)
  }

  @Test("an interface's id is read as it is written, and nothing else is")
  func interfaceIDs() {
    for text in ["1:2", "7/1:2", "65535/18446744073709551615:4294967295"] {
      #expect(InterfaceID(text)?.description == text)
    }
    for text in ["", ":", "/1:2", "0/1:2", "65536/1:2", "1/2/3:4", "1:2/3", "-1:2", "1:2:3"] {
      #expect(InterfaceID(text) == nil, "\(text)")
    }
  }

  @Test("what is written is read back as it was")
  func roundTrip() throws {
    var report = try JSONDecoder().decode(Report.self, from: Data(Self.contract.utf8))
    report.findings[0].path = [
      PathStep("ens33", .egress, .passed, "left"), PathStep("switch", nil, .unobserved, ""),
    ]
    report.interfaces[0].statistics = InterfaceStatistics()
    report.interfaces[0].statistics?.receivedForOtherHost = 5
    report.loss.overBudget = ["connection": 9]
    report.counters[0].frames = .max
    report.foldedCounters.interfaces = 5000
    report.foldedCounters.frames = 7
    report.degradations = [Degradation(feature: "f", consequence: "c")]
    report.changes = [
      NetworkChange(time: 1, kind: .programRemoved, interface: report.interfaces[0].id, text: "t")
    ]
    report.otherPrograms = [
      OtherProgram(interface: report.interfaces[0].id, place: .tcxEgress, position: .before)
    ]
    report.otherPrograms[0].handle = .max
    report.blindHooks = [BlindHook(Hook(report.interfaces[0].id, .egress), since: 5, reason: "r")]
    report.notEvaluated = [NotEvaluated(id: "i", because: "b")]
    #expect(try JSONDecoder().decode(Report.self, from: JSONEncoder().encode(report)) == report)
  }

  @Test("another schema is refused", arguments: ["macvtrace.report/2", "macvtrace.topology/1", ""])
  func otherSchema(schema: String) {
    let document = Self.contract.replacingOccurrences(of: "macvtrace.report/1", with: schema)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Report.self, from: Data(document.utf8)) }
  }

  @Test(
    "values that cannot be are refused",
    arguments: [
      (#""vlan": 10"#, #""vlan": 4096"#), (#""mac": "02:00:00:00:00:02""#, #""mac": "02:00""#),
      ("172.22.16.2/24", "172.22.16.2/33"), ("4026531840:7", "4026531840"),
      (#""frames": 12"#, #""frames": -12"#),
      (#""kind": "parent""#, #""kind": "nonsense""#),
    ])
  func refusals(part: String, replacement: String) {
    let document = Self.contract.replacingOccurrences(of: part, with: replacement)
    #expect(document != Self.contract)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Report.self, from: Data(document.utf8)) }
  }

  @Test("an interface that vanished while it was observed stays in the report")
  func vanished() {
    let parent = Interface(
      id: InterfaceID(namespace: 1, ifindex: 7), name: "ens33", namespace: "host", kind: .parent)
    let child = Interface(
      id: InterfaceID(namespace: 2, ifindex: 3), name: "eth0", namespace: "c", kind: .macvlan)
    let before = Topology(parent: parent.id, interfaces: [parent, child], namespaces: [])
    let after = Topology(parent: parent.id, interfaces: [parent], namespaces: [])
    let window = ObservationWindow(start: "", end: "", seconds: 1)
    let observation = Observation(
      tool: ToolInformation(version: "0", command: "attach"), host: HostInformation(name: "h", kernel: "k"),
      window: window, before: before, after: after)
    #expect(Report(of: observation, findings: []).interfaces.map(\.id) == [parent.id, child.id])
  }

  @Test("severities and confidences sort from weak to strong")
  func orders() {
    #expect([Severity.error, .info, .warning].sorted() == [.info, .warning, .error])
    #expect([Confidence.proven, .possible, .likely].sorted() == [.possible, .likely, .proven])
    #expect([CheckStatus.missing, .ok, .degraded].max() == .missing)
  }

  @Test("the doctor's verdict is its worst check")
  func doctor() {
    let checks = [DoctorCheck("a", .ok, detail: ""), DoctorCheck("b", .degraded, detail: "")]
    let tool = ToolInformation(version: "0", command: "doctor")
    let host = HostInformation(name: "h", kernel: "k")
    #expect(DoctorReport(tool: tool, host: host, checks: checks).status == .degraded)
    #expect(DoctorReport(tool: tool, host: host, checks: []).status == .ok)
  }
}
