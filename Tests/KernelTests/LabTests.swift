import Netlink
import Testing
import TraceLab

/// `macvtrace lab`: what `up` made goes with `down`, and nothing else does.
@Suite(.serialized) struct LabTests {
  @Test func downRemovesWhatUpMadeAndNothingElse() throws {
    try Sandbox.run(
      """
      ip netns add foreign
      ip link add mine type veth peer name yours netns foreign
      network > /run/before
      ends 0 $macvtrace lab up >/dev/null
      [ "$(ls /run/netns | tr '\\n' ' ')" = "bbox1 bbox2 docker01 docker02 foreign switch " ] || fail "$(network)"
      # A process that stays keeps its namespace, but neither the name nor a link.
      ip netns exec bbox1 sleep 60 & sleeper=$!
      await ip -n bbox1 link show eth0
      ends 0 $macvtrace lab down | grep -q 'removed 5 network namespaces' || fail "five were not removed"
      diff /run/before <(network) || fail "not as before"
      [ "$(nsenter -t $sleeper -n ip -o link | wc -l)" = 1 ] || fail "a link is left in the removed namespace"
      ends 2 $macvtrace lab down | grep -q 'no lab' || fail "the second down said nothing"
      """)
  }

  @Test func aSecondUpIsAnErrorAndChangesNothing() throws {
    try Sandbox.run(
      """
      ends 0 $macvtrace lab up >/dev/null
      network > /run/before
      ends 2 $macvtrace lab up --fault healthy | grep -q 'macvtrace: a lab is up already: remove it' ||
        fail "the error is not clear"
      diff /run/before <(network) || fail "the lab that was up changed"
      ends 0 $macvtrace lab down >/dev/null
      """)
  }

  @Test func aNameThatIsTakenIsAnErrorAndStays() throws {
    try Sandbox.run(
      """
      ip netns add bbox2; network > /run/before
      ends 2 $macvtrace lab up | grep -q 'there is a network namespace bbox2 already' || fail "it is not named"
      diff /run/before <(network) || fail "not as before"
      ends 2 $macvtrace lab down >/dev/null
      diff /run/before <(network) || fail "down removed what is not the lab's"
      """)
  }

  /// The kill comes once its state has so many lines, two for each namespace.
  @Test(arguments: [0, 1, 5, 10]) func aLabThatWasKilledHalfMadeIsRemoved(_ lines: Int) throws {
    try Sandbox.run(
      """
      ip netns add foreign; network > /run/before
      $macvtrace lab up & lab=$!
      until [ -e /run/macvtrace/lab.state ] && [ $(wc -l < /run/macvtrace/lab.state) -ge \(lines) ]; do :; done
      kill -KILL $lab; wait $lab || true
      ends 2 $macvtrace lab up | grep -q 'lab down' || fail "the way out is not named"
      ends 0 $macvtrace lab down
      diff /run/before <(network) || fail "not as before"
      ends 0 $macvtrace lab up >/dev/null; ends 0 $macvtrace lab down >/dev/null
      """)
  }

  /// A child in passthru mode must be the only one: the kernel refuses the second, when most of the lab stands.
  @Test func aLabThatFailsMidwayIsRemovedAtOnce() throws {
    var specification = LabSpecification(mode: .passthru)
    specification.add("bbox3", host: 0, "172.22.16.30/24", .bridge)
    #expect(throws: (any Error).self) { try Observed.withLab(specification) { _ in } }
    let names = try CommandRunner.run(["ip", "netns", "list"]).output
    #expect(!names.contains(Observed.prefix))
    #expect(throws: LabError.self, "no lab is left to remove") { try Lab.down(prefix: Observed.prefix) }
  }

  /// What is in a lab's place by now is somebody else's.
  @Test func aNamespaceThatTookTheNameIsNotRemoved() throws {
    try Sandbox.run(
      """
      ends 0 $macvtrace lab up >/dev/null
      ip netns delete bbox1; ip netns add bbox1; ip -n bbox1 link add a0 type veth peer name b0
      ends 0 $macvtrace lab down >/dev/null
      [ "$(ls /run/netns)" = bbox1 ] || fail "$(ls /run/netns)"
      ip -n bbox1 link show a0 >/dev/null || fail "its link is gone"
      """)
  }

  @Test func everyFaultIsListedWithItsTitle() throws {
    let lines = try Sandbox.run("$macvtrace lab list").split(separator: "\n")
    #expect(lines.count == Fault.all.count)
    for (line, fault) in zip(lines, Fault.all) {
      #expect(line.hasPrefix(fault.id + " ") && line.hasSuffix("  " + fault.title))
    }
  }

  @Test func anUnknownFaultIsAUsageErrorAndMakesNothing() throws {
    try Sandbox.run(
      """
      ends 64 $macvtrace lab up --fault nonsense | grep -q 'there is no fault nonsense; `macvtrace lab list`' ||
        fail "the error is not clear"
      [ ! -e /run/macvtrace ] && [ ! -e /run/netns ] || fail "something was made"
      """)
  }
}
