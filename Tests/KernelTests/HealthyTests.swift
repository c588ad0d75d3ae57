import Glibc
import Netlink
import NetworkAddresses
import TestSupport
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// Networks on which a lot happens and nothing is wrong: no finding, neither passively nor by `explain`.
@Suite(.serialized) struct HealthyTests {
  /// Runs `surroundings` in namespaces of the tutorial's first network; pings and `explain` from bbox1 to bbox2 have to
  /// pass meanwhile, and nothing may be found.
  ///
  /// - Parameters:
  ///   - idle: seconds before the pings.
  ///   - check: what the observation must show of the surroundings.
  private static func expectSilence(
    _ name: String, _ surroundings: [(namespace: String, command: String, says: String)],
    idle: UInt32 = 0, check: (Observation) -> Void
  ) throws {
    var specification = LabSpecification()
    specification.add("bbox3", host: 0, "172.22.16.30/24", .bridge)
    try Observed.withLab(specification) { lab in
      var running: [Background] = []
      defer { for one in running.reversed() { one.stop() } }
      for one in surroundings {
        let command = one.command.replacing("$prefix", with: Observed.prefix)
        let background = try Background(["bash", "-c", command], in: try lab.namespace(one.namespace))
        running.append(background)
        try background.waitFor(one.says, seconds: 20)
      }
      let network = try #require(Fault.named("healthy"))
      let explained = Explained()
      let observation = try Observed.observe(lab, waiting: 400) {
        sleep(idle)
        let result = try lab.run(network.attempt, in: network.from)
        #expect(result.status == 0, "\(name): the traffic must pass: \(result.output)")
        try explained.run(lab, network)
        // What had begun may end.
        sleep(1)
      }
      var record = ScenarioRecord(name, causes: [])
      record.note(explained)
      let findings = Diagnosis.evaluate(observation).findings
      record.note(passive: findings)
      record.write()
      #expect(explained.status == 0 && explained.report?.findings == [], "\(name): \(explained)")
      #expect(findings.isEmpty, "\(name): \(findings.map { ($0.id, $0.evidence) })")
      check(observation)
    }
  }

  @Test func aNetworkWithAHundredThousandFramesASecond() throws {
    try Self.expectSilence(
      "busy",
      [
        ("bbox3", "exec iperf3 -s -1 --forceflush", "Server listening"),
        ("docker02", "exec iperf3 -u -c 172.22.16.30 -l 64 -b 51.2M -t 60 --forceflush", "connected to"),
      ]
    ) { observation in
      let load = observation.counters.filter {
        $0.interface == observation.after.parentInterface?.id && $0.direction == .ingress
      }
      let frames = load.reduce(0) { $0 + $1.frames }
      // As many as a busy machine lets through.
      #expect(frames > 200_000, "\(frames) frames in \(observation.window.seconds) s")
    }
  }

  @Test func addressesThatAreLeasedAgainAndAgain() throws {
    let client = """
      folder=$(mktemp -d); trap 'rm -rf $folder; exit' INT
      cat > $folder/script <<'END'
      #!/bin/sh
      ip address flush dev $interface
      [ "$1" != bound ] || { ip address add $ip/24 dev $interface; echo leased; }
      END
      chmod +x $folder/script
      while :; do busybox udhcpc -i eth0 -n -q -f -t 5 -T 1 -s $folder/script; sleep 0.2; done
      """
    let server = """
      folder=$(mktemp -d); trap 'kill %1; rm -rf $folder; exit' INT
      printf 'start 172.22.16.100\nend 172.22.16.120\ninterface ens33\noption subnet 255.255.255.0\n' > $folder/conf
      printf "lease_file $folder/leases\npidfile $folder/pid\n" >> $folder/conf; touch $folder/leases
      busybox udhcpd -f $folder/conf & echo serves; wait
      """
    try Self.expectSilence("dhcp", [("docker02", server, "serves"), ("bbox3", client, "leased")]) {
      let requests = $0.counters.filter { $0.destination.description == "ff:ff:ff:ff:ff:ff" }
      #expect(requests.count > 1)
    }
  }

  /// Names asked for by multicast (RFC 6762), and a router's advertisements under a virtual MAC address (RFC 5798), from
  /// the wire and from a container.
  @Test func namesAndRoutersThatAreAnnouncedByMulticast() throws {
    let chatter = """
      exec python3 -u -c '
      import socket, struct, sys, time
      device = sys.argv[1]
      raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
      raw.bind((device, 0))
      def checksum(data):
          total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
          total = (total >> 16) + (total & 0xffff)
          return ~(total + (total >> 16)) & 0xffff
      advertisement = bytes([0x31, 1, 100, 1, 0, 100]) + bytes(2) + socket.inet_aton("172.22.16.254")
      head = struct.pack("!BBHHHBBH4s4s", 0x45, 0xc0, 20 + len(advertisement), 1, 0, 255, 112, 0,
          socket.inet_aton("172.22.16.253"), socket.inet_aton("224.0.0.18"))
      head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
      vrrp = bytes.fromhex("01005e000012" + "00005e000101" + "0800") + head + advertisement
      names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      names.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
      query = struct.pack("!6H", 0, 0, 1, 0, 0, 0) + b"\\x05_http\\x04_tcp\\x05local\\x00" + struct.pack("!2H", 12, 1)
      print("speaks")
      while True:
          raw.send(vrrp)
          names.sendto(query, ("224.0.0.251", 5353))
          time.sleep(0.1)
      ' $device
      """
    try Self.expectSilence(
      "multicast",
      [
        ("docker02", "device=ens33; " + chatter, "speaks"),
        ("bbox3", "ip route add 224.0.0.0/4 dev eth0; device=eth0; " + chatter, "speaks"),
      ]
    ) { observation in
      for group in ["01:00:5e:00:00:12", "01:00:5e:00:00:fb"] {
        #expect(observation.counters.contains { $0.destination.description == group && $0.frames > 5 })
      }
    }
  }

  @Test func containersThatComeAndGo() throws {
    let churn = """
      trap 'ip netns delete $prefix''churn 2>/dev/null; exit' INT
      echo begun
      for round in $(seq 1000); do
        ip netns add $prefix''churn && ip link add eth0 netns $prefix''churn link ens33 type macvlan mode bridge
        ip -n $prefix''churn address add 172.22.16.77/24 dev eth0; ip -n $prefix''churn link set eth0 up
        ip netns exec $prefix''churn ping -c 1 -W 1 172.22.16.20 > /dev/null; ip netns delete $prefix''churn
      done
      """
    try Self.expectSilence("churn", [("docker01", churn, "begun")]) { observation in
      let senders = Set(observation.counters.map(\.source))
      #expect(senders.count > 6, "\(senders)")
    }
  }

  @Test func aNetworkOnWhichNothingHappensForLong() throws {
    try Self.expectSilence("idle", [], idle: 20) { #expect($0.window.seconds > 20) }
  }
}
