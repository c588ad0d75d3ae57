import Testing
import TraceModel

@testable import TraceDiagnosis

/// From the silence of a hook that does not see every frame nothing follows.
@Suite struct BlindHookTests {
  private static let reason = "somebody removed macvtrace's program from there"

  private static func blind(_ scenario: Scenario, _ hook: Hook, since seconds: UInt64) -> Scenario {
    var scenario = scenario
    scenario.observation.blindHooks = [BlindHook(hook, since: seconds * Scenario.second, reason: reason)]
    return scenario
  }

  private static func withXDP(_ scenario: Scenario, at interface: InterfaceID) -> Scenario {
    var scenario = scenario
    var program = OtherProgram(interface: interface, place: .xdp, position: .before)
    program.programID = 7
    program.name = "guard"
    scenario.observation.otherPrograms = [program]
    return scenario
  }

  private static func says(_ scenario: Scenario, _ text: String) -> Bool {
    scenario.findings.contains {
      $0.evidence.contains { $0.text.contains("missing for proof: ") && $0.text.contains(text) }
    }
  }

  /// Each chain of evidence that rests on a silent hook, with that hook: its tries are at seconds 1 to 3.
  private static let chains: [(name: String, scenario: Scenario, hook: Hook)] = {
    var siblings = Scenario(mode: .private)
    siblings.addSibling(.private)
    siblings.asks(
      from: 10, mac: Scenario.childMAC, for: 30, at: [Scenario.childOut, Scenario.parentOut])
    var unanswered = NeighborUnansweredTests.asked(.v4)
    unanswered.segmentIsAlive()
    return [
      ("host to child", HostChildChecks.hostToChild(.bridge, .v4), Scenario.childIn),
      ("child to host", HostChildChecks.childToHost(.bridge, .v4), Scenario.parentIn),
      ("siblings", siblings, Scenario.siblingIn),
      ("unanswered", unanswered, Scenario.parentIn),
      ("no reply", NoReplyFromWireTests.asked(.v4), Scenario.parentIn),
    ]
  }()

  @Test(arguments: chains.indices) func aProgramThatWasRemovedTooEarlyLeavesItLikely(_ index: Int) {
    let chain = Self.chains[index]
    #expect(chain.scenario.confidences == [.proven], "\(chain.name)")
    let removed = Self.blind(chain.scenario, chain.hook, since: 2)
    #expect(removed.ids == chain.scenario.ids && removed.confidences == [.likely], "\(chain.name)")
    #expect(Self.says(removed, Self.reason), "\(chain.name)")
  }

  @Test(arguments: chains.indices) func whatWasSeenBeforeStaysProven(_ index: Int) {
    let chain = Self.chains[index]
    #expect(Self.blind(chain.scenario, chain.hook, since: 5).confidences == [.proven], "\(chain.name)")
  }

  @Test(arguments: chains.indices) func anXDPProgramMayHaveKeptTheFrames(_ index: Int) {
    let chain = Self.chains[index]
    let guarded = Self.withXDP(chain.scenario, at: chain.hook.interface)
    #expect(guarded.ids == chain.scenario.ids && guarded.confidences == [.likely], "\(chain.name)")
    #expect(Self.says(guarded, "XDP program guard (id 7)"), "\(chain.name)")
  }

  /// The look-alike: the answer came, and nobody was there to see it.
  @Test func anAnswerThatNobodyCouldSeeIsNoFailure() {
    let host = HostChildChecks.hostToChild(.bridge, .v4)
    #expect(Self.blind(host, Scenario.parentIn, since: 0).ids.isEmpty)
    let child = NoReplyFromWireTests.asked(.v4)
    #expect(Self.blind(child, Scenario.childIn, since: 1).ids.isEmpty)
    // Two tries are judged, the third is not.
    let late = Self.blind(NeighborUnansweredTests.asked(.v4), Scenario.childIn, since: 3)
    #expect(late.findings.first?.evidence.first?.text.hasPrefix("2 ARP requests") == true)
  }

  @Test func framesThatLeftUnseenDidNotDie() {
    let broken = ParentDownTests.broken(.v4)
    var asked = broken
    asked.asks(from: 10, mac: Scenario.childMAC, for: 3, at: [Scenario.childOut])
    #expect(asked.confidences == [.proven])
    #expect(Self.blind(asked, Scenario.parentOut, since: 0).confidences == [.likely])
  }

  @Test func aBlindHookElsewhereChangesNothing() {
    for chain in Self.chains {
      let other = InterfaceID(namespace: 9, ifindex: 9)
      #expect(Self.blind(chain.scenario, Hook(other, .ingress), since: 0).confidences == [.proven])
      #expect(Self.withXDP(chain.scenario, at: other).confidences == [.proven])
    }
  }
}
