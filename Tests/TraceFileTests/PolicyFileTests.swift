import NetworkAddresses
import Testing
import TraceModel

@testable import TraceFile

/// Policies as people write them.
@Suite struct PolicyFileTests {
  private static func pair(_ from: UInt16, _ to: UInt16) throws -> VLANPair {
    VLANPair(try #require(VLANID(from)), try #require(VLANID(to)))
  }

  @Test func pairsAreReadWithTheirDirections() throws {
    let policy = try PolicyFile.parse(
      """
      # who may talk to whom
      routed:
        - 10 <-> 20
      blocked: [10 -> 30]
      others: blocked
      """, name: "policy")
    #expect(policy.routed == [try Self.pair(10, 20), try Self.pair(20, 10)])
    #expect(policy.blocked == [try Self.pair(10, 30)])
    #expect(policy.expectation(try Self.pair(30, 10)) == .blocked)
    #expect(policy.expectation(try Self.pair(20, 10)) == .routed)
  }

  @Test func anAliasStandsForWhatItNames() throws {
    let policy = try PolicyFile.parse("routed: &ways [&way 10 -> 20, *way]\nothers: blocked", name: "policy")
    #expect(policy.routed == [try Self.pair(10, 20)])
    let error = #expect(throws: TraceFileError.self) {
      try PolicyFile.parse("routed: &ways [*ways]", name: "policy")
    }
    #expect(error?.description.contains("is no pair") == true)
  }

  @Test(arguments: [
    (
      "routed: [10 -> 20",
      "while parsing a flow sequence that begins in line 1, did not find expected ',' or ']'"
    ),
    ("routed: []\n---\nblocked: []", "is no YAML: a second document begins in line 2"),
    ("routed: []\n---\nblocked: [", "is no YAML"),
    ("routed: *10", "is no YAML: found undefined alias in line 1"),
    ("routed: \u{1}", "is no YAML"),
    (String(repeating: "[", count: 1 << 20), "is no YAML: nested too deeply in line 1"),
    ((0..<100_000).map { "- &\($0) a" }.joined(separator: "\n"), "more than 1000 anchors in line 1001"),
    ("routed: []\nothers: blocked\nrouted: []", "routed stands there twice"),
    ("[a]: b\n{c: d}: e", "unknown key ?"), ("", "is no policy"), ("# nothing", "is no policy"),
    ("- 10 -> 20", "is no policy"),
    ("routed: 10 -> 20", "must be a list"), ("routed: [10 20]", "is no pair"),
    ("routed: [10 -> 10]", "is no pair"),
    ("routed: [10 -> 4095]", "is no pair"), ("routed: [0 -> 20]", "is no pair"),
    ("allowed: []", "unknown key allowed"),
    ("others: open", "others must be routed or blocked"),
    ("routed: [10 <-> 20]\nblocked: [20 -> 10]", "20 -> 10 must be routed and blocked at once"),
  ])
  func whatIsNoPolicyIsSaid(_ text: String, _ message: String) {
    let error = #expect(throws: TraceFileError.self) { try PolicyFile.parse(text, name: "policy") }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test func aFileThatIsNotThereIsSaid() {
    let error = #expect(throws: TraceFileError.self) { try PolicyFile.read("/nowhere/policy.yaml") }
    #expect(error?.description.contains("errno 2") == true)
  }
}
