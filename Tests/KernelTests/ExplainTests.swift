import Testing
import TraceLab
import TraceModel

/// `macvtrace explain` as a command: whom it finds, what it prints, how it ends, and that nothing is left attached.
@Suite(.serialized) struct ExplainTests {
  /// docker01 with bbox1 and bbox3 on its `ens33`, and a peer on the wire; the commands run in docker01.
  private static let network = """
    for name in host wire bbox1 bbox3; do ip netns add $name; ip -n $name link set lo up; done
    ip -n host link add ens33 type veth peer name port netns wire
    ip -n host link set ens33 up; ip -n wire link set port up
    ip -n host address add 10.0.0.2/24 dev ens33; ip -n wire address add 10.0.0.1/24 dev port
    last=10
    for name in bbox1 bbox3; do
      ip -n host link add link ens33 name eth0 netns $name type macvlan mode bridge
      ip -n $name address add 10.0.0.$last/24 dev eth0; ip -n $name link set eth0 up
      last=$((last + 20))
    done
    explain() { ip netns exec host $macvtrace explain "$@"; }
    # Expects a status, a text, and that nothing is left.
    says() {
      local want=$1 text=$2; shift 2
      ends "$want" explain "$@" > /run/said
      grep -qF -- "$text" /run/said || fail "$* said: $(cat /run/said)"
      [ -z "$(ip netns exec host tc qdisc | grep clsact)" ] || fail "a clsact is left"
    }

    """

  @Test func whoeverIsMeantIsFound() throws {
    try Sandbox.run(
      Self.network + """
        says 0 'bbox1 reaches bbox3 (10.0.0.30): 3 of 3 echo requests answered' --from bbox1 bbox3
        says 0 'bbox1 reaches bbox3 (10.0.0.30)' --from 10.0.0.10 10.0.0.30
        says 0 'bbox1 reaches port (10.0.0.1)' --from bbox1 port
        says 0 'this host reaches wire (10.0.0.1)' wire
        says 1 'this host does not reach bbox1 (10.0.0.10): 0 of 3 echo requests answered' bbox1
        grep -q 'host-to-child-bridge' /run/said || fail "no cause: $(cat /run/said)"
        grep -q 'eth0 in bbox1, in *never arrived' /run/said || fail "no way: $(cat /run/said)"
        """)
  }

  @Test func whoeverIsNotThereIsSaid() throws {
    try Sandbox.run(
      Self.network + """
        ip netns add empty
        says 2 'no container, address, interface or namespace is called nobody' nobody
        says 2 'no interface on this machine has the address 10.9.9.9' --from 10.9.9.9 bbox1
        says 2 'empty has no IPv4 address' --from empty 10.0.0.10
        says 2 'empty has no address to be reached by' empty
        says 2 'namespaces have an interface eth0: bbox1, bbox3' eth0
        says 1 'nobody answers this host for 10.0.0.99' 10.0.0.99
        """)
  }

  /// An IPsec policy blocks the way before anything is sent: that is an answer, and no want of privilege.
  @Test func aWayThatTheSendersKernelBlocksIsSaid() throws {
    try Sandbox.run(
      Self.network + """
        ip netns exec bbox1 ip xfrm policy add dir out src 10.0.0.10 dst 10.0.0.30 action block
        says 1 'sent nothing: its own kernel refused (EPERM)' --from bbox1 bbox3
        says 0 'bbox1 reaches port (10.0.0.1)' --from bbox1 port
        """)
  }

  @Test func portsAreTriedByTheirProtocol() throws {
    try Sandbox.run(
      Self.network + """
        ip netns exec bbox3 timeout 60 busybox nc -l -p 80 >/dev/null </dev/null &
        for n in $(seq 100); do ip netns exec bbox3 ss -tln | grep -q ':80 ' && break; sleep 0.1; done
        says 1 'refused' --from bbox1 bbox3 --port 81
        says 1 'refused' --from bbox1 bbox3 --port 81 --protocol udp
        # A packet filter that refuses says nothing about who listens.
        says 1 'nobody listens there' --from bbox1 bbox3 --port 82
        ip netns exec bbox3 nft 'table ip own { chain in { type filter hook input priority 0;
          tcp dport 82 reject with tcp reset; udp dport 82 reject with icmp port-unreachable; }; }'
        for protocol in tcp udp; do
          says 1 'answered; refused' --from bbox1 bbox3 --port 82 --protocol $protocol
          ! grep 'listens' /run/said || fail "the filter refused: $(cat /run/said)"
        done
        says 64 'needs a --port' --protocol tcp bbox3
        says 64 'ICMP has no ports' --protocol icmp --port 80 bbox3
        says 64 'must be from 1 to 65535' --port 0 bbox3
        explain --json --from bbox1 bbox3 --port 80 > /run/report || true
        jq -e '.explanation.run.probes[0].outcome | has("answered")' /run/report >/dev/null ||
          fail "the first connection stands: $(jq -c .explanation.run /run/report)"
        """)
  }

  /// A connection opens through a link that is too narrow for what follows, and nobody says so.
  @Test func aConnectionThatWouldHangIsFoundByTheSizeOfItsPackets() throws {
    let fault = try #require(Fault.named("pmtu-blackhole"))
    try Observed.withLab(fault.specification) { lab in
      let server = "import socket,time; s=socket.create_server((\"0.0.0.0\",8080)); time.sleep(60)"
      let started = try lab.run(
        [
          "sh", "-c",
          "timeout 60 python3 -c '\(server)' >/dev/null 2>&1 </dev/null & "
            + "for i in $(seq 100); do grep -q ':1F90 ' /proc/self/net/tcp && exit 0; sleep 0.1; done; exit 1",
        ], in: "docker02")
      #expect(started.status == 0)
      var plan = fault
      plan.port = 8080
      let explained = Explained()
      try explained.run(lab, plan)
      #expect(explained.status == 1)
      #expect(explained.report?.findings.map(\.id) == ["pmtu-blackhole"])
      #expect(explained.report?.explanation?.run.vanishingSize == 1500)
    }
  }

  @Test func theReportForMachinesHasTheWay() throws {
    try Sandbox.run(
      Self.network + """
        ends 1 explain --json 10.0.0.10 > /run/report
        jq -e '.schema == "macvtrace.report/1" and .tool.command == "explain" and .findings[0].id == "host-to-child-bridge"
          and .findings[0].confidence == "proven" and .explanation.works == false
          and .explanation.run.to.address == "10.0.0.10"
          and ([.explanation.path[] | [.place, .direction, .outcome]][0] == ["ens33", "egress", "passed"])
          and (.explanation.path[-1] | .outcome == "missing" and .place == "eth0 in bbox1")' /run/report >/dev/null ||
          fail "$(jq -c '[.tool, .explanation, .findings[0].id]' /run/report)"
        """)
  }

  /// What else fails on the network meanwhile is not asked about.
  @Test func otherTrafficThatFailsIsNotMixedIn() throws {
    try Sandbox.run(
      Self.network + """
        (while :; do ip netns exec bbox1 ping -c 1 -W 1 10.0.0.2; ip netns exec bbox3 ping -c 1 -W 1 10.0.0.77; done) \
          >/dev/null 2>&1 </dev/null &
        sleep 1
        for pair in '--from bbox1 bbox3' '--from bbox3 10.0.0.1' '10.0.0.1'; do
          ends 0 explain --json $pair > /run/report
          jq -e '.explanation.works and .findings == []' /run/report >/dev/null ||
            fail "$pair: $(jq -c '[.findings[].title]' /run/report)"
        done
        says 1 'nobody answers eth0 in bbox3 for 10.0.0.77' --from bbox3 10.0.0.77
        ends 1 explain --json --from bbox3 10.0.0.77 > /run/report
        jq -e '[.findings[].id] == ["neighbor-unanswered"]' /run/report >/dev/null ||
          fail "$(jq -c '[.findings[].title]' /run/report)"
        """)
  }

  @Test func withoutPrivilegeTheStatusIs77() throws {
    try Sandbox.run(
      Self.network + """
        ends 77 ip netns exec host setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \\
          $macvtrace explain 10.0.0.1 > /run/said
        grep -q 'run it as root' /run/said || fail "$(cat /run/said)"
        """)
  }
}
