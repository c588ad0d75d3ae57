import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// `macvtrace causes`: the rules' own cards.
@Suite(.serialized) struct CausesTests {
  private static func run(_ arguments: String...) throws -> CommandResult {
    try CommandRunner.run([".build/debug/macvtrace", "causes"] + arguments)
  }

  /// Without its line breaks.
  private static func flat(_ text: String) -> String { text.split { $0.isWhitespace }.joined(separator: " ") }

  @Test func theListHasEveryCauseWithItsSeverityAndTitle() throws {
    let result = try Self.run()
    #expect(result.status == 0)
    let listed = Diagnosis.cards.map { "\($0.id) \($0.severity.rawValue) \($0.title)" }
    #expect(Self.flat(result.output) == listed.joined(separator: " "))
    #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test func oneCauseSaysWhatItMeansHowItIsProvenAndHowItIsFixed() throws {
    for card in Diagnosis.cards {
      let result = try Self.run(card.id)
      #expect(result.status == 0)
      let text = Self.flat(result.output)
      for part in [
        card.title, "What it means \(card.explanation)", "How it is proven \(card.proof)",
        "How to fix it \(card.fix)",
      ] {
        #expect(text.contains(part), "\(card.id): \(part)")
      }
    }
  }

  @Test func theDocumentHasThemAll() throws {
    try Sandbox.run(
      """
      $macvtrace causes --json > /run/all
      jq -e '.schema == "macvtrace.causes/1" and (.causes | length) == \(Diagnosis.cards.count)' /run/all >/dev/null || fail all
      jq -e '.causes | all(.id and .title and .severity and .explanation and .proof and .fix)' /run/all >/dev/null || fail keys
      $macvtrace causes child-down --json | jq -e '[.causes[].id] == ["child-down"]' >/dev/null || fail one
      """)
  }

  @Test func anUnknownCauseIsAUsageErrorThatNamesTheNearest() throws {
    for (id, near) in [
      ("child-dwon", "child-down"), ("host-to-child", "host-to-child-"), ("mac-dup", "mac-dup-same-parent"),
    ] {
      let result = try Self.run(id)
      #expect(result.status == 64)
      #expect(result.output.contains("there is no cause \(id); near it are \(near)"), "\(result.output)")
    }
  }
}
