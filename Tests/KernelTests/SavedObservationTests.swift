import Foundation
import TestSupport
import Testing
import TraceLab

/// Observations that the command saves, and the reports that it makes of them.
@Suite(.serialized) struct SavedObservationTests {
  /// A lab with a fault, in which docker01 is observed.
  private static func sandbox(_ fault: String, _ script: String) throws {
    try Sandbox.run(
      """
      ends 0 $macvtrace lab up --fault \(fault) >/dev/null
      attach="ip netns exec docker01 $macvtrace attach ens33"

      """ + script, seconds: 40)
  }

  @Test func theReportOfASavedObservationIsTheOneThatWasPrinted() throws {
    try Self.sandbox(
      "host-to-child-bridge",
      """
      $attach --json --output /run/saved > /run/printed.json 2>/run/errors & trace=$!
      await grep -q 'attached to' /run/errors
      ip netns exec docker01 ping -c 3 -i 0.5 -W 1 172.22.16.10 >/dev/null || true
      sleep 1; kill -TERM $trace; wait $trace
      jq -e '.findings[0].id == "host-to-child-bridge" and .findings[0].confidence == "proven"' /run/printed.json \\
        >/dev/null || fail "not found: $(jq .findings /run/printed.json)"
      none="setpriv --reuid=65534 --clear-groups --bounding-set -all --inh-caps -all"
      chmod 644 /run/saved
      $none $macvtrace report /run/saved --json > /run/again.json || fail "no report without privilege"
      cmp /run/printed.json /run/again.json || fail "another report"
      # The text, too, and the statuses that scripts rely on.
      $attach --duration 500ms --output /run/text > /run/printed.txt 2>/dev/null
      # The live lines come first.
      $macvtrace report /run/text > /run/again.txt
      tail -n "$(wc -l < /run/again.txt)" /run/printed.txt | cmp - /run/again.txt || fail "another text"
      ends 0 $macvtrace report /run/saved >/dev/null
      ends 1 $macvtrace report /run/saved --fail-on error >/dev/null
      ends 0 $macvtrace report /run/text --fail-on info >/dev/null
      ends 64 $macvtrace report >/dev/null
      """)
  }

  @Test func aFileThatIsNoneIsSaidInOneLine() throws {
    try Self.sandbox(
      "healthy",
      """
      ends 0 $attach --duration 200ms --output /run/saved >/dev/null
      says() {
        ends "$1" $macvtrace report "$2" > /run/said
        [ "$(wc -l < /run/said)" = 1 ] && grep -qF "$3" /run/said || fail "$2: $(cat /run/said)"
      }
      says 2 /run/none 'read /run/none: No such file or directory (errno 2)'
      says 2 /run 'read /run: Is a directory (errno 21)'
      echo '{}' > /run/other
      says 2 /run/other '/run/other is no saved observation; `macvtrace attach --output FILE` writes one'
      sed '1s|observation/2|observation/9|' /run/saved > /run/later
      says 2 /run/later '/run/later has version 9 of the form, and this macvtrace reads version 2'
      head -c 100 /run/saved > /run/short
      says 2 /run/short '/run/short ends before its first block'
      head -c -5 /run/saved > /run/cut
      ends 0 $macvtrace report /run/cut | grep -q 'saved observation: /run/cut ends early: ' || fail "the cut is not said"
      """)
  }

  @Test func devicesAndPipesAreWrittenTo() throws {
    try Self.sandbox(
      "healthy",
      """
      ends 0 $attach --duration 200ms --output /dev/null >/dev/null
      [ -c /dev/null ] || fail "the device was replaced"
      # What comes behind the observation's end is not its own.
      $attach --duration 200ms --output /dev/stdout 2>/dev/null | $macvtrace report /dev/stdin --json |
        jq -e '.interfaces | length == 2' >/dev/null || fail "not through a pipe"
      $attach --duration 200ms --output /dev/stdout 2>/dev/null > /run/both
      ends 0 $macvtrace report /run/both >/dev/null
      grep -qa '^Interfaces' /run/both || fail "the report is not there"
      mkfifo /run/fifo; $macvtrace report /run/fifo --json > /run/report.json & reader=$!
      ends 0 $attach --duration 200ms --output /run/fifo >/dev/null; wait $reader
      jq -e '.host.name' /run/report.json >/dev/null || fail "not through a named pipe"
      """)
  }

  /// Both hosts of a lab observed at once, each with a name of its own.
  private static let observing = """
    observe() {
      local host
      traces=""
      for host in docker01 docker02; do
        ip netns exec $host unshare --uts bash -c "hostname $host; exec $macvtrace attach ens33 --json \\
          --output /run/$host" > /run/$host.json 2> /run/$host.errors &
        traces="$traces $!"
      done
      await grep -q 'attached to' /run/docker01.errors; await grep -q 'attached to' /run/docker02.errors
    }
    join() {
      sleep 1.2; kill -TERM $traces; wait $traces || fail "$(cat /run/*.errors)"
      $macvtrace report /run/docker01 /run/docker02 --json > /run/joined.json
    }

    """

  private static func pair(_ topology: String, _ script: String, _ check: String) throws {
    try Sandbox.run(
      observing + """
        ends 0 $macvtrace lab up \(topology) >/dev/null
        observe
        \(script)
        join
        is() { jq -e "$1" /run/joined.json >/dev/null || fail "$1: $(jq '.findings, .not_evaluated, .degradations' /run/joined.json)"; }
        is '.schema == "macvtrace.report/1"'
        is '[.hosts[] | .label] == ["docker01", "docker02"]'
        is '(.interfaces | length) == (.interfaces | map(.id) | unique | length)'
        is '.interfaces | all(.id | test("^[12]/"))'
        \(check)
        """)
  }

  /// Of what each of them sees of the other's traffic, nothing is taken for a fault.
  @Test func aHealthyPairOfHostsGivesNoFinding() throws {
    try Self.pair(
      "--fault healthy",
      """
      ip netns exec bbox2 ping -c 2 -i 0.3 -W 1 172.22.16.2 >/dev/null || fail "bbox2 to docker01"
      ip netns exec bbox1 ping -c 6 -i 0.3 -W 1 172.22.16.20 >/dev/null || fail "bbox1 to bbox2"
      ip netns exec docker02 ping -c 2 -i 0.3 -W 1 172.22.16.10 >/dev/null || fail "docker02 to bbox1"
      """,
      """
      is '.findings == []'
      is '[.degradations[] | select(.feature == "comparison")] == []'
      ends 0 $macvtrace report /run/docker01 /run/docker02 --fail-on info > /run/text
      grep -q '2 hosts · ens33 on docker01, ens33 on docker02' /run/text || fail "$(head -5 /run/text)"
      grep -q 'no problem found' /run/text || fail "$(cat /run/text)"
      """)
  }

  @Test(.needs(.vlan && .bridgeVLANs)) func aHealthyPairOnTrunksGivesNoFinding() throws {
    try Self.pair(
      "--topology vlan",
      """
      for target in 172.16.10.11 172.16.20.20 172.16.20.21; do
        ip netns exec bbox10 ping -c 3 -i 0.3 -W 2 $target >/dev/null || fail "bbox10 to $target"
      done
      ip netns exec docker02 ping -c 3 -i 0.3 -W 2 192.168.10.2 >/dev/null || fail "docker02 to docker01"
      """,
      """
      is '.findings == []'
      # One host's file by itself says what it said: also what happened between its VLANs.
      paths='[.vlan_paths[] | [.from, .to, .verdict]] | sort'
      jq -c "$paths" /run/docker01.json > /run/said
      grep -q '10,20,"routed"' /run/said || fail "$(cat /run/said)"
      [ "$($macvtrace report /run/docker01 --json | jq -c "$paths")" = "$(cat /run/said)" ] || fail "the report has others"
      """)
  }

  /// The port of docker02 lacks VLAN 20; VLAN 10 passes.
  @Test(.needs(.vlan && .bridgeVLANs)) func aVLANThatTheSwitchDoesNotCarryIsFoundBetweenTheHosts() throws {
    try Self.pair(
      "--topology vlan",
      """
      bridge -n switch vlan del dev port2 vid 20
      ip netns exec docker02 ping -c 3 -i 0.3 -W 2 192.168.10.2 >/dev/null || fail "docker02 to docker01"
      ip netns exec docker02 ping -c 3 -i 0.3 -W 1 192.168.20.2 >/dev/null && fail "VLAN 20 passes"
      ip netns exec docker02 ping -c 2 -i 0.3 -W 2 192.168.10.2 >/dev/null || fail "docker02 to docker01, again"
      """,
      """
      is '[.findings[] | [.id, .confidence]] == [["vlan-missing-on-trunk", "proven"]]'
      is '.findings[0].title == "VLAN 20 is not carried between ens33 on docker02 and ens33 on docker01"'
      """)
  }

  /// The switch sends no broadcast to docker02, whose own frames pass.
  @Test func framesThatTheSwitchKeepsAreFoundBetweenTheHosts() throws {
    try Self.pair(
      "--fault healthy",
      """
      ip netns exec bbox2 ping -c 2 -i 0.3 -W 1 172.22.16.2 >/dev/null || fail "bbox2 to docker01"
      bridge -n switch link set dev port2 bcast_flood off
      ip netns exec bbox1 ping -c 3 -i 0.3 -W 1 172.22.16.20 >/dev/null && fail "the switch lets it pass"
      ip netns exec bbox2 ping -c 2 -i 0.3 -W 1 172.22.16.2 >/dev/null || fail "bbox2 to docker01, again"
      """,
      """
      is '[.findings[] | .id] == ["lost-between-hosts"] and .findings[0].confidence == "proven"'
      is '.findings[0].evidence[0].text | test("ARP requests for 172.22.16.20 left ens33 on docker01; none of them came in at ens33 on docker02")'
      is '.findings[0].subjects as $ids | [.interfaces[] | select(.id == $ids[0] or .id == $ids[1]) | .namespace] == ["bbox1", "bbox2"]'
      ends 1 $macvtrace report /run/docker01 /run/docker02 --fail-on error > /run/text
      grep -q 'proven.*lost-between-hosts' /run/text || fail "$(cat /run/text)"
      # Either of them alone can only guess: bbox2 answers docker01 and not bbox1.
      jq -e '[.findings[] | [.id, .confidence]] == [["switch-port-security", "likely"]]' /run/docker01.json >/dev/null || fail "$(jq .findings /run/docker01.json)"
      """)
  }

  /// bbox2 was elsewhere under the same MAC address before, and has sent nothing since it came to docker02; nothing is
  /// left there that speaks by itself, which would be two machines of one address.
  @Test func aSwitchThatLooksForASilentChildElsewhereIsFoundAndCured() throws {
    try Sandbox.run(
      Self.observing + """
        ends 0 $macvtrace lab up --fault healthy >/dev/null
        ip netns exec bbox2 sysctl -qw net.ipv6.conf.all.disable_ipv6=1
        mac=$(ip -n bbox2 -j link show eth0 | jq -r '.[0].address')
        ip -n bbox1 neighbor replace 172.22.16.20 lladdr $mac dev eth0 nud permanent
        ip netns add old; ip netns exec old sysctl -qw net.ipv6.conf.all.disable_ipv6=1
        ip -n switch link add port9 type veth peer name eth0 netns old
        ip -n switch link set port9 up master br0; ip -n old link set eth0 address $mac
        ip -n old address add 172.22.16.99/24 dev eth0; ip -n old link set eth0 up
        ip netns exec old arping -q -c 1 -A -I eth0 172.22.16.99
        await sh -c "bridge -n switch fdb show br br0 dev port9 | grep -q $mac"
        observe
        ip netns exec bbox1 ping -c 4 -i 0.3 -W 1 172.22.16.20 >/dev/null && fail "the switch knows where bbox2 is"
        ip netns exec docker02 ping -c 3 -i 0.3 -W 1 172.22.16.2 >/dev/null || fail "docker02 to docker01"
        join
        jq -e '[.findings[] | [.id, .confidence]] == [["switch-cam-stale", "likely"]]' /run/joined.json >/dev/null ||
          fail "$(jq .findings /run/joined.json)"
        fix=$(jq -r '.findings[0].fixes[0].text' /run/joined.json | sed 's/.*`\\(.*\\)`.*/\\1/')
        ip netns exec docker02 bash -ec "$fix" >/dev/null || fail "$fix"
        await ip netns exec bbox1 ping -c 1 -W 1 172.22.16.20
        """)
  }

  @Test func oneAddressOnTwoHostsIsFound() throws {
    try Self.pair(
      "--fault healthy",
      """
      ip netns exec bbox2 ping -c 2 -i 0.3 -W 1 172.22.16.2 >/dev/null || fail "bbox2 to docker01"
      """,
      """
      is '.findings == []'
      mac=$(ip -n bbox1 -j link show eth0 | jq -r '.[0].address')
      ip -n bbox2 address add 172.22.16.10/24 dev eth0; ip -n bbox2 link set eth0 address $mac
      rm /run/*.errors; observe
      ip netns exec docker01 ping -c 1 -W 1 172.22.16.3 >/dev/null || fail "docker01 to docker02"
      ip netns exec bbox1 arping -c 2 -w 2 -I eth0 -s 172.22.16.10 172.22.16.3 >/dev/null || true
      ip netns exec bbox2 arping -c 2 -w 2 -I eth0 -s 172.22.16.10 172.22.16.2 >/dev/null || true
      join
      is '[.findings[] | .id] == ["mac-dup-on-segment", "dup-ip-two-docker-hosts"]'
      is '.findings | all(.confidence == "proven")'
      """)
  }
}
