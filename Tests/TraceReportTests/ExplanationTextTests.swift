import NetworkAddresses
import Testing
import TraceModel
import TraceReport

@Suite("What became of a probe, for a person") struct ExplanationTextTests {
  /// The first sentence about three connections to port 80 of bbox1 that were refused.
  private static func headline(_ findings: [Finding]) throws -> String {
    let run = ProbeRun(
      from: Station(label: "bbox2", address: IPAddress("172.22.16.20")),
      to: Station(label: "bbox1", address: IPAddress("172.22.16.10")), protocol: .tcp, port: 80,
      probes: Array(repeating: Probe(sent: 1, ended: 2, outcome: .refused), count: 3))
    var report = Sample.report(findings: findings)
    report.explanation = Explanation(run: run, works: false, path: [], ruledOut: [])
    let text = TextReport.renderExplanation(
      report, style: TextStyle(colors: false, width: 200, unicode: true))
    return lines(text).prefix { !$0.isEmpty }.flatMap { $0.split(separator: " ") }.joined(separator: " ")
  }

  private static func finding(
    _ id: String, _ confidence: Confidence, port: String = "80", protocol: String = "tcp"
  ) -> Finding {
    Finding(
      id: id, severity: .error, confidence: confidence, title: "t", explanation: "e",
      subjects: ["bbox1", "172.22.16.10", port, `protocol`], evidence: [], fixes: [])
  }

  @Test("where it is proven that nobody listens, the headline says so") func noListener() throws {
    let said = try Self.headline([Self.finding("no-listener", .proven)])
    #expect(
      said.hasSuffix(
        "0 of 3 connections to port 80 answered; refused: it is reached, and nobody listens there"))
  }

  @Test(
    "a packet filter refuses in the same way: that it was refused is all that the headline says",
    arguments: [
      [], [finding("container-firewall", .proven)], [finding("no-listener", .likely)],
      [finding("no-listener", .proven, port: "81")], [finding("no-listener", .proven, protocol: "udp")],
    ]) func refused(_ findings: [Finding]) throws
  {
    let said = try Self.headline(findings)
    #expect(said.contains("0 of 3 connections to port 80 answered; refused"))
    #expect(!said.contains("listens"))
  }
}
