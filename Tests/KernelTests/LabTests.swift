import Netlink
import TestSupport
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

  @Test func everyTopologyIsListedWithItsFaultsAndTheirTitles() throws {
    let lines = try Sandbox.run("$macvtrace lab list").split(separator: "\n").map { String($0) }
    let expected = LabTopology.allCases.flatMap { topology in
      [(topology.rawValue + ":", topology.title)]
        + Fault.all.filter { $0.topology == topology }.map { ("  \($0.id) ", "  \($0.title)") }
    }
    #expect(lines.count == LabTopology.allCases.count + Fault.all.count && lines.count == expected.count)
    for (line, (start, end)) in zip(lines, expected) { #expect(line.hasPrefix(start) && line.hasSuffix(end)) }
  }

  @Test func aFaultOfAnotherTopologyIsAUsageError() throws {
    try Sandbox.run(
      """
      ends 64 $macvtrace lab up --topology vlan --fault child-down | grep -q 'is one of the topology flat' || fail said
      ends 64 $macvtrace lab up --topology ring | grep -q "'flat' and 'vlan'" || fail "the topologies are not named"
      [ ! -e /run/macvtrace ] && [ ! -e /run/netns ] || fail "something was made"
      """)
  }

  /// What the kernel has is seen by trying; what it has not is named, and nothing stays behind.
  @Test func theVLANTopologyIsBuiltWholeOrNotAtAll() throws {
    let isPossible = (Feature.vlan && .bridgeVLANs).isPresent
    try Sandbox.run(
      """
      ip netns add foreign; network > /run/before
      if \(!isPossible); then
        ends 77 $macvtrace lab up --topology vlan > /run/said
        grep -q 'this kernel lacks what that lab needs: .*VLAN' /run/said || fail "it is not said: $(cat /run/said)"
        \(!Feature.vlan.isPresent) && { grep -q 8021q /run/said || fail "8021q is not named: $(cat /run/said)"; }
        diff /run/before <(network) || fail "something is left"
        [ ! -e /run/macvtrace/lab.state ] || fail "its state is left"
        exit
      fi
      ends 0 $macvtrace lab up --topology vlan >/dev/null
      [ "$(ls /run/netns | tr '\\n' ' ')" = "bbox10 bbox11 bbox20 bbox21 docker01 docker02 foreign router switch " ] ||
        fail "$(network)"
      for port in port1 port2 port3; do
        bridge -n switch -j vlan show dev $port | jq -e '[.[].vlans[] | [.vlan, .flags]] == [[10, null], [20, null]]' \
          >/dev/null || fail "$(bridge -n switch -j vlan)"
      done
      for host in docker01:2 docker02:3; do for vlan in 10 20; do
        ip -n ${host%:*} -j -d address show dev ens33.$vlan | jq -e --arg a 192.168.$vlan.${host#*:} ".[] | select(.ifname) |
          .linkinfo.info_data.id == $vlan and .addr_info[0].local == \\$a" >/dev/null || fail "$host $vlan"
      done; done
      for pair in bbox10:172.16.10.11 bbox10:172.16.20.20 bbox10:172.16.20.21 bbox20:172.16.10.10 docker01:192.168.20.3; do
        ip netns exec ${pair%:*} ping -c 1 -W 3 ${pair#*:} > /run/said || fail "$pair: $(cat /run/said)"
      done
      # Through the router the time to live is one less, within a VLAN it is not.
      ip netns exec bbox10 ping -c 1 -W 3 172.16.20.20 | grep -q ttl=63 || fail "not routed"
      ip netns exec bbox10 ping -c 1 -W 3 172.16.10.11 | grep -q ttl=64 || fail "routed"
      ends 0 $macvtrace lab down | grep -q 'removed 8 network namespaces' || fail "eight were not removed"
      diff /run/before <(network) || fail "not as before"
      """)
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
