import Foundation
import NetworkAddresses
import TestSupport
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// Causes that lie in a card or a switch and that the kernel can stand in for.
@Suite(.serialized) struct StandInTests {
  /// A card that takes tags off, as a veth interface says that it does, and a real XDP program.
  @Test func anXDPProgramAtAParentThatTakesTagsOffIsToldAndCured() throws {
    try Sandbox.run(
      """
      ends 0 $macvtrace lab up --fault healthy >/dev/null
      ip netns exec docker01 ethtool -k ens33 | grep -q '^rx-vlan-offload: on' || fail "no offload of tags"
      # Not by `ip -n`, which mounts /sys anew and loses what stands on it.
      mount -t bpf bpf /sys/fs/bpf
      nsenter --net=/run/netns/docker01 ip link set dev ens33 xdpgeneric obj build/bpf-tests/verdicts.bpf.o sec xdp
      tagged() { ip netns exec switch python3 -c '
      import socket, time
      port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
      port.bind(("port1", 0))
      for number in range(5):
          port.send(bytes.fromhex("ffffffffffff" + "020000000099" + "8100000a" + "88b5").ljust(60, b"m"))
          time.sleep(0.1)
      '; }
      ids() {
        ip netns exec docker01 $macvtrace attach ens33 --json > /run/report 2> /run/errors & trace=$!
        await grep -q 'attached to' /run/errors; tagged
        kill -TERM $trace; wait $trace || fail "$(cat /run/errors)"
        jq -e '[.counters[] | select(.vlan == 10)] | length > 0' /run/report >/dev/null || fail "no tagged frame was seen"
        jq -c '[.findings[] | [.id, .severity]]' /run/report
      }
      [ "$(ids)" = '[["vlan-strip-blindness","info"]]' ] || fail "$(jq .findings /run/report)"
      jq -r '.findings[0].fixes[].commands[]' /run/report > /run/fix
      [ -s /run/fix ] && ip netns exec docker01 bash -e /run/fix >/dev/null || fail "$(cat /run/fix)"
      [ "$(ids)" = '[]' ] || fail "after $(cat /run/fix): $(jq .findings /run/report)"
      """)
  }

  /// The switch knew a querier that has gone, and forgets bbox1 in seconds rather than minutes: what was seen is judged as
  /// if it had taken as many times longer.
  @Test func aGroupThatTheSwitchForgetsForWantOfAQuerierIsToldAndCured() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let run = { @Sendable (name: String, script: String) in
        let result = try lab.run(["bash", "-ec", script], in: name)
        try #require(result.status == 0, "\(script): \(result.output)")
      }
      try run("switch", "ip link set br0 type bridge mcast_membership_interval 200 mcast_snooping 1")
      try run("bbox1", Self.background(Self.member))
      // Its query is the last that anybody hears.
      try run(
        "docker02",
        """
        ip route replace 224.0.0.0/4 dev ens33
        python3 -c '\(Self.query)'
        """)
      try run("bbox2", "ip route replace 224.0.0.0/4 dev eth0\n" + Self.background(Self.speaker))
      let group = try #require(IPAddress("239.1.2.3")?.groupMAC)
      var observation = try Self.observe(lab)
      for _ in 0..<Patience.times(10) where Self.frames(of: group, observation) > 0 {
        observation = try Self.observe(lab)
      }
      #expect(Self.frames(of: group, observation) == 0, "the switch never forgot")
      #expect(Diagnosis.evaluate(observation).findings.isEmpty, "too short to tell")
      observation.window.seconds = 300
      let findings = Diagnosis.evaluate(observation).findings
      #expect(findings.map(\.id) == ["igmp-snooping-no-querier"], "\(findings)")
      #expect(findings.first?.fixes.first?.text.contains("turn IGMP snooping off") == true)
      try run("switch", "ip link set br0 type bridge mcast_snooping 0")
      observation = try Self.observe(lab)
      #expect(Self.frames(of: group, observation) > 0, "without snooping the group comes through")
      observation.window.seconds = 300
      #expect(Diagnosis.evaluate(observation).findings.isEmpty)
    }
  }

  private static func observe(_ lab: Lab) throws -> Observation {
    try Observed.observe(lab, waiting: 1500) {
      _ = try lab.run(["ping", "-c", "1", "-W", "1", "172.22.16.20"], in: "docker01")
    }
  }

  private static func frames(of group: MACAddress, _ observation: Observation) -> UInt64 {
    observation.counters.reduce(0) { $1.destination == group ? $0 + $1.frames : $0 }
  }

  /// As long as the namespace's interface is there.
  private static func background(_ python: String) -> String {
    "timeout \(Patience.times(60)) python3 -c '\(python)' >/dev/null 2>&1 </dev/null &"
  }

  private static let member = """
    import socket, time
    member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
        socket.inet_aton("239.1.2.3") + socket.inet_aton("172.22.16.10"))
    while True:
        time.sleep(1)
    """

  private static let speaker = """
    import socket, time
    speaker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True:
        speaker.sendto(b"macvtrace", ("239.1.2.3", 5000))
        time.sleep(0.1)
    """

  /// A general query of IGMPv2 (RFC 2236, 2) that asks for reports within 0.1 s.
  private static let query = """
    import socket
    querier = socket.socket(socket.AF_INET, socket.SOCK_RAW, 2)
    querier.sendto(bytes.fromhex("1101eefe00000000"), ("224.0.0.1", 0))
    """
}
