import NetworkAddresses
import Testing
import TraceModel
import TraceReport

@Suite("JSON", .enabled(if: Python.isThere, "python3")) struct JSONTests {
  /// The example of the contract, with one value where it lists the possible ones.
  static let contract = #"""
    { "schema": "macvtrace.report/1",
      "tool": {"version": "0.1.0", "command": "attach"},
      "host": {"name": "docker01", "kernel": "6.1.0"},
      "window": {"start": "2026-01-01T00:00:00.000000000Z", "end": "...", "seconds": 10.0},
      "interfaces": [ {"id": "4026531840:7", "name": "ens33", "ifindex": 7, "namespace": "host",
          "kind": "macvlan", "parent": "4026531840:7",
          "mac": "02:..", "vlan": 10, "mode": "bridge",
          "addresses": ["172.22.16.2/24"], "up": true, "carrier": true, "promiscuous": false, "mtu": 1500,
          "container": {"runtime": "docker", "name": "bbox1", "network": "mac_net1"} } ],
      "counters": [ {"interface": "4026531840:7", "direction": "ingress", "vlan": 10, "inner_vlan": null,
          "source": "02:..", "destination": "02:..", "frames": 12, "bytes": 1234} ],
      "findings": [ {"id": "host-to-child-bridge", "severity": "error",
          "confidence": "proven", "title": "...", "explanation": "...",
          "subjects": ["4026531840:7"],
          "evidence": [ {"kind": "trajectory", "text": "..."} ],
          "fixes": [ {"text": "...", "commands": ["ip link add ..."]} ] } ],
      "vlan_paths": [ {"from": 10, "to": 20, "verdict": "routed",
          "router_mac": "02:..", "ttl_decrement": 1, "hop_latency_us": {"p50": 31.0, "p99": 80.0},
          "evidence": ["..."] } ],
      "loss": {"sightings_dropped": 0, "counter_keys_overflowed": 0} }
    """#

  /// A report with a value for every key of the contract.
  static func full() throws -> Report {
    var report = Sample.report()
    report.interfaces[1].vlan = VLANID(10)
    report.counters.append(
      Sample.counter(Sample.firstID, .egress, Sample.firstMAC, .broadcast, frames: 1, vlan: 10))
    let from = try #require(VLANID(10))
    let to = try #require(VLANID(20))
    report.vlanPaths = [
      VLANPath(
        from: from, to: to, verdict: .routed, routerMAC: Sample.outsideMAC, ttlDecrement: 1,
        hopLatency: LatencyPercentiles(p50: 31.5, p99: 80), evidence: ["one lower"]),
      VLANPath(from: to, to: from, verdict: .unobserved),
    ]
    return report
  }

  @Test("every key of the contract is there, with the contract's type")
  func contractKeys() throws {
    let promised = try Python.shape(Array(Self.contract.utf8))
    let written = try Python.shape(JSONReport.render(Self.full()))
    #expect(promised.count > 60)
    #expect(promised.subtracting(written).sorted() == [])
  }

  @Test("what is absent is an explicit null, on every row")
  func nulls() throws {
    var report = try Self.full()
    report.interfaces[1].container?.network = nil
    let document = try JSONReport.render(report)
    let shape = try Python.shape(document)
    for path in [
      ".interfaces[].parent", ".interfaces[].vlan", ".interfaces[].mode", ".interfaces[].container",
      ".interfaces[].container.network", ".counters[].vlan", ".counters[].inner_vlan",
      ".vlan_paths[].router_mac",
      ".vlan_paths[].ttl_decrement", ".vlan_paths[].hop_latency_us",
    ] {
      #expect(shape.contains(path + " null"), "\(path)")
    }
    for rows in ["interfaces", "counters", "vlan_paths", "findings"] {
      #expect(
        try Python.value("len({tuple(row) for row in report['\(rows)']})", of: document) == "1", "\(rows)")
    }
  }

  @Test("numbers are whole and exact up to the largest counter")
  func largeNumbers() throws {
    var report = Sample.report()
    report.counters = [
      Sample.counter(
        Sample.firstID, .ingress, Sample.outsideMAC, Sample.firstMAC, frames: .max, bytes: .max - 1)
    ]
    let document = try JSONReport.render(report)
    #expect(try Python.value("report['counters'][0]['frames']", of: document) == "18446744073709551615")
    #expect(try Python.value("report['counters'][0]['bytes']", of: document) == "18446744073709551614")
  }

  @Test("MACs are in lower case with colons, VLANs are numbers, ids are NAMESPACE:IFINDEX")
  func forms() throws {
    let document = try JSONReport.render(Self.full())
    #expect(try Python.value("report['interfaces'][1]['mac']", of: document) == "'02:42:ac:10:10:0a'")
    #expect(try Python.value("report['interfaces'][1]['vlan']", of: document) == "10")
    #expect(try Python.value("report['interfaces'][1]['parent']", of: document) == "'4026531840:7'")
    #expect(try Python.value("report['interfaces'][1]['addresses']", of: document) == "['172.22.16.10/24']")
    #expect(try Python.value("report['interfaces'][0]['kind']", of: document) == "'parent'")
    #expect(try Python.value("report['schema']", of: document) == "'macvtrace.report/1'")
  }

  @Test("a healthy network's findings are an empty list")
  func healthy() throws {
    #expect(
      try Python.value("report['findings']", of: JSONReport.render(Sample.report(findings: []))) == "[]")
  }

  @Test(
    "hostile names arrive as they are, and no byte of the document can command a terminal",
    arguments: hostileTexts)
  func hostileNames(name: String) throws {
    let document = try JSONReport.render(HostileTextTests.report(name))
    #expect(controls(in: String(decoding: document, as: UTF8.self)).isEmpty)
    let scalars = name.unicodeScalars.map { String($0.value) }.joined(separator: ", ")
    #expect(try Python.value("list(map(ord, report['host']['name']))", of: document) == "[\(scalars)]")
  }

  @Test("two renderings of one report are equal byte for byte, and end with one line feed")
  func stability() throws {
    let document = try JSONReport.render(Self.full())
    #expect(try document == JSONReport.render(Self.full()))
    #expect(document.suffix(2) == Array("}\n".utf8))
  }

  @Test("a number that JSON cannot hold is an error, not a crash")
  func notANumber() {
    var report = Sample.report()
    report.window.seconds = .nan
    #expect(throws: JSONRenderingError.self) { try JSONReport.render(report) }
  }

  @Test("the topology has the report's interfaces under its own schema")
  func topology() throws {
    let document = try JSONTopology.render(Sample.topology(), tool: Sample.tool, host: Sample.machine)
    #expect(try Python.value("report['schema']", of: document) == "'macvtrace.topology/1'")
    #expect(try Python.value("report['parent']", of: document) == "'4026531840:7'")
    let inReport = try Python.shape(JSONReport.render(Sample.report())).filter { $0.hasPrefix(".interfaces") }
    #expect(try Python.shape(document).filter { $0.hasPrefix(".interfaces") } == inReport)
    #expect(inReport.count > 15)
  }

  @Test("the doctor's report has its checks, hooks and leftovers")
  func doctor() throws {
    let document = try JSONDoctor.render(HostileTextTests.doctor("name"))
    #expect(try Python.value("report['schema']", of: document) == "'macvtrace.doctor/1'")
    #expect(try Python.value("report['checks'][0]['status']", of: document) == "'missing'")
    let shape = try Python.shape(document)
    for path in [".hooks[].mechanism string", ".leftovers[].swept boolean", ".checks[].consequence string"] {
      #expect(shape.contains(path))
    }
  }
}
