import TestSupport
import Testing

/// A router in a network namespace of its own on this machine, which `explain` looks into: what it proves there is named
/// with that namespace, and its commands, typed on docker01, cure it.
@Suite(.serialized) struct RouterTests {
  /// bbox1's router to the server is in `router`, on the segment by its interface r0.
  private static let network = """
    $macvtrace lab up --fault healthy >/dev/null
    ip netns add router; ip netns add server
    ip -n switch link add port9 type veth peer name r0 netns router; ip -n switch link set port9 up master br0
    ip -n router link add r1 type veth peer name eth0 netns server
    ip -n router address add 172.22.16.254/24 dev r0; ip -n router address add 10.50.0.1/24 dev r1
    ip -n router link set r0 up; ip -n router link set r1 up; ip -n router link set lo up
    ip -n server address add 10.50.0.2/24 dev eth0; ip -n server link set eth0 up
    ip -n server route add default via 10.50.0.1; ip -n bbox1 route add default via 172.22.16.254
    ip netns exec router sysctl -qw net.ipv4.ip_forward=1
    passes() { ip netns exec bbox1 ping -c 1 -W 2 10.50.0.2 >/dev/null; }
    explain() { ip netns exec docker01 $macvtrace explain --json --from bbox1 10.50.0.2 2>/dev/null; }
    await passes

    """

  @Test(arguments: [
    ("ip-forward-0", "ip netns exec router sysctl -qw net.ipv4.ip_forward=0"),
    (
      "fw-forward-drop",
      "ip netns exec router nft -f - <<< 'table ip f { chain c { type filter hook forward priority 0; policy drop; }; }'"
    ),
    ("arp-off", "ip -n router link set r0 arp off; ip -n bbox1 neigh flush all"),
    ("parent-down", "ip -n router link set r0 down; ip -n bbox1 neigh flush all"),
  ]) func whatItDoesWrongIsNamedAndCuredFromHere(_ id: String, _ fault: String) throws {
    try Sandbox.run(
      Self.network + """
        \(fault)
        ! passes || fail "the traffic must fail"
        explain > /run/report && fail "explain is content"
        jq -e '[.findings[].id] == ["\(id)"] and .findings[0].confidence == "proven"' /run/report >/dev/null ||
          fail "$(jq -c .findings /run/report)"
        jq -e '.findings[0] | (.title + ([.evidence[].text] | join(" "))) | contains("router") and
          (contains("this host") | not)' /run/report >/dev/null || fail "$(jq -c .findings /run/report)"
        jq -r '.findings[0].fixes | map(select(.commands != []))[0].commands[]' /run/report > /run/fix
        [ -s /run/fix ] && ! grep -v '^ip netns exec router ' /run/fix || fail "$(cat /run/fix)"
        ip netns exec docker01 bash -e /run/fix >/dev/null || fail "$(cat /run/fix)"
        await passes
        """)
  }

  /// That it is looked into accuses nobody, and the way by it is drawn.
  @Test func aHealthyOneIsPassedInSilence() throws {
    try Sandbox.run(
      Self.network + """
        explain > /run/report || fail "$(jq -c .findings /run/report)"
        jq -e '.findings == [] and ([.explanation.path[].place] | index("r0 in router"))' /run/report >/dev/null ||
          fail "$(cat /run/report)"
        """)
  }
}
