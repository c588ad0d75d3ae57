import Testing

/// The command where it cannot do its job: one line that says why, the exit status that scripts rely on, and nothing
/// left attached.
@Suite(.serialized) struct RefusalTests {
  /// A parent `ens33` with a child in a container `c`, short of the rest of a lab.
  private static let network = """
    ip netns add wire; ip netns add c
    ip link add ens33 type veth peer name port netns wire
    ip link set ens33 up; ip -n wire link set port up
    ip link add eth0 netns c link ens33 type macvlan mode bridge; ip -n c link set eth0 up
    attach="$macvtrace attach ens33 --duration 200ms"
    # Expects a status and a text from a command of the shell.
    says() {
      local want=$1 text=$2; shift 2
      ends "$want" bash -c "$*" > /run/said
      grep -qF "$text" /run/said || fail "$* said: $(cat /run/said)"
      clean
    }
    # Links end with their process, filters do not.
    clean() { [ -z "$(tc qdisc | grep clsact)" ] || fail "a clsact is left"; }

    """

  @Test func whatCannotBeWrittenIsSaidWithItsPlace() throws {
    try Sandbox.run(
      Self.network + """
        says 2 'save the observation to /nowhere/x: No such file or directory (errno 2)' "$attach --output /nowhere/x"
        [ "$(wc -l < /run/said)" = 1 ] || fail "it attached: $(cat /run/said)"
        says 2 'save the observation to /run: Is a directory (errno 21)' "$attach --output /run"
        # The report is printed all the same.
        says 2 'save the observation to /dev/full: No space left on device (errno 28)' "$attach --output /dev/full"
        grep -q '^Interfaces' /run/said || fail "the report is gone: $(cat /run/said)"
        ends 0 $attach --output /run/file > /dev/null
        for command in "$attach" "$attach --json" "$macvtrace list" "$macvtrace doctor" "$macvtrace lab list" \
          "$macvtrace causes" "$macvtrace report /run/file" "$macvtrace report /run/file /run/file --json"; do
          says 2 'write to standard output: No space left on device (errno 28)' "$command > /dev/full"
          says 2 'write to standard output: Bad file descriptor (errno 9)' "$command >&-"
        done
        """, seconds: 60)
  }

  @Test func aFailureKeepsTheObservationThatWasThere() throws {
    try Sandbox.run(
      Self.network + """
        seq 100000 > /run/file
        says 2 'no interface typo' "$macvtrace attach typo --output /run/file"
        timeout -s KILL 1 $macvtrace attach ens33 --output /run/file >/dev/null 2>&1 && fail "it ended by itself"
        [ "$(tail -1 /run/file)" = 100000 ] || fail "the old file is gone"
        [ "$(ls /run)" = "$(printf 'file\nnetns\nsaid')" ] || fail "something is beside it: $(ls /run)"
        ends 0 $attach --json --output /run/file >/dev/null
        ends 0 $macvtrace report /run/file --json | jq -e '.schema == "macvtrace.report/1"' >/dev/null || fail "not replaced"
        """)
  }

  /// Without a duration it would observe on and on for nobody.
  @Test func aReaderThatGoesAwayEndsIt() throws {
    try Sandbox.run(
      Self.network + """
        (for i in $(seq 100); do ip netns exec c arping -c 1 -w 1 -I eth0 172.22.16.9 >/dev/null 2>&1; done) &
        timeout 10 $macvtrace attach ens33 2>/run/errors | head -1 > /run/line
        [ "${PIPESTATUS[0]}" = 0 ] || fail "it went on, or failed: ${PIPESTATUS[0]}"
        [ "$(cat /run/errors)" = "macvtrace: attached to ens33: 2 interfaces, 4 hooks" ] || fail "$(cat /run/errors)"
        [ -s /run/line ] || fail "nothing was read"
        $attach --json | true; [ "${PIPESTATUS[0]}" = 0 ] || fail "a closed pipe is no failure"
        clean
        """)
  }

  @Test func whatIsNoParentIsNamed() throws {
    try Sandbox.run(
      Self.network + """
        says 2 'macvtrace: no interface typo in this network namespace' "$macvtrace attach typo"
        says 2 'there are: ens33' "$macvtrace attach typo"
        says 2 'macvtrace: lo is no Ethernet interface' "$macvtrace attach lo"
        says 2 'eth0 is itself a macvlan' "nsenter --net=/run/netns/c $macvtrace attach eth0"
        says 64 'Usage: macvtrace attach' "$macvtrace attach"
        says 64 'Usage: macvtrace attach' "$macvtrace attach ens33 --duration 0"
        """)
  }

  @Test func withoutPrivilegeTheStatusIs77AndTheWayOutIsNamed() throws {
    try Sandbox.run(
      Self.network + """
        none="setpriv --bounding-set -all --inh-caps -all"
        says 77 'run it as root (sudo)' "$none $attach"
        says 77 'run it as root (sudo)' "$none $macvtrace doctor"
        says 77 'run it as root (sudo)' "$none $macvtrace lab up"
        says 77 'run it as root (sudo)' "setpriv --bounding-set -sys_admin --inh-caps -sys_admin $attach"
        says 77 'run it as root (sudo)' "setpriv --reuid=65534 --clear-groups $attach"
        says 77 'run it as root (sudo)' "setpriv --reuid=65534 --clear-groups $macvtrace lab up"
        # Looking at links needs none.
        says 0 ens33 "$none $macvtrace list ens33"
        """)
  }
}
