import Glibc
import LinuxNamespaces
import NetworkAddresses
import Testing
import TraceCapture
import TraceDiscovery
import TraceModel

/// Hundreds of children that are made, send and receive, and are deleted again, while they are observed.
@Suite(.serialized) struct StormTests {
  private static let children = 500
  private static let rounds = 3
  private static let frames = 20

  /// The children's own statistics, once all that was sent has arrived.
  private static func arrived(_ scanner: TopologyScanner) throws -> Topology {
    var topology = try scanner.scan()
    for _ in 0..<20 {
      let received = topology.children.reduce(0) { $0 + ($1.statistics?.receivedFrames ?? 0) }
      if received == UInt64(children * frames) { break }
      usleep(100_000)
      topology = try scanner.scan()
    }
    return topology
  }

  @Test func noCountIsLostOrDoubledOverIt() throws {
    let network = try StormNetwork()
    defer { network.deleteRest(Self.children) }
    let (observation, arrived) = try network.host.run {
      let scanner = TopologyScanner(parent: StormNetwork.parent)
      let before = try scanner.scan()
      let session = try CaptureSession(before)
      var arrived: [MACAddress: UInt64] = [:]
      for round in 0..<Self.rounds {
        try network.makeChildren(Self.children, round: round)
        session.update(try scanner.scan())
        try #require(session.attachedCount == Self.children + 1)
        try network.send(Self.frames, toEachOf: Self.children, round: round)
        for child in try Self.arrived(scanner).children {
          arrived[try #require(child.mac)] = child.statistics?.receivedFrames
        }
        try network.deleteChildren(Self.children, round: round)
        session.update(try scanner.scan())
        try #require(session.attachedCount == 1)
        // The live view reads in between, too.
        let counted = session.counters().filter { $0.interface != before.parent }
        try #require(counted.reduce(0) { $0 + $1.frames } == arrived.values.reduce(0, +))
      }
      session.stop()
      var observation = Observation(
        tool: ToolInformation(version: "test", command: "test"),
        host: HostInformation(name: "test", kernel: "test"),
        window: ObservationWindow(start: "", end: "", seconds: 0), before: before,
        after: try scanner.scan())
      session.fill(&observation)
      return (observation, arrived)
    }
    #expect(arrived.count == Self.children * Self.rounds)
    #expect(arrived.values.allSatisfy { $0 == UInt64(Self.frames) }, "the wire must carry all that is sent")
    var own: [MACAddress: UInt64] = [:]
    var parents: [MACAddress: UInt64] = [:]
    for counter in observation.counters {
      #expect(counter.source == StormNetwork.sender && counter.direction == .ingress, "\(counter)")
      if counter.interface == observation.before.parent {
        parents[counter.destination, default: 0] += counter.frames
      } else {
        own[counter.destination, default: 0] += counter.frames
      }
    }
    #expect(own == arrived && parents == arrived)
    #expect(observation.foldedCounters == FoldedCounters())
    #expect(observation.loss.counterKeysOverflowed == 0 && observation.loss.unknownHook == 0)
    #expect(observation.loss.malformedRecords == 0)
    #expect(observation.degradations.isEmpty, "\(observation.degradations)")
  }

  /// The command, as a process of its own; what it holds in the kernel is what bpftool, lsns and /proc say.
  @Test func nothingLeaksOverIt() throws {
    try Sandbox.run(
      """
      children=\(Self.children)
      ip link add ens33 type veth peer name port; ip link set ens33 up; ip link set port up
      storm() {
        for number in $(seq $children); do
          ip netns add s$number
          echo "link add eth0 netns s$number link ens33 type macvlan mode bridge" >&3
        done 3> /run/batch
        ip -batch /run/batch
        for number in $(seq $children); do ip -n s$number link set eth0 up; done
      }
      # Programs of ours that only a filter holds. One serves all filters: programs that go by the thousand at once can
      # hang the kernel (each is freed by a work of its own).
      copies() {
        bpftool -j prog show | jq --argjson maps "[$(cat /run/maps)]" --argjson own "[$(held prog)]" '
          [.[] | select((.map_ids // []) - $maps != (.map_ids // [])) | .id] - $own | length'
      }
      # Each side of each child has a filter or, as a few that are found after the others have, one of the links.
      observed() {
        local number bare=0
        for number in $(seq $children); do
          for side in ingress egress; do
            tc -n s$number filter show dev eth0 $side | grep -q 'flowid.*macvtrace' && continue
            bare=$((bare + 1))
            [ $bare -le "$(linked)" ] || return 1
          done
        done
        [ $bare = "$(linked)" ]
      }
      # Numbers that the process holds in its descriptors, with commas between.
      held() { cat /proc/$pid/fdinfo/* 2>/dev/null | sed -n "s/^$1_id:[[:space:]]*//p" | sort -nu | paste -sd,; }
      # How many programs or links it holds.
      count() { held $1 | tr , '\\n' | wc -l; }
      # Links at children; each has a program of its own.
      linked() { echo $(($(count link) - links)); }
      # Other descriptors by what they are, links, namespaces, and children that the parent's filter still knows.
      resources() {
        for file in /proc/$pid/fd/*; do readlink $file; done | grep -v bpf-prog | sed 's/[0-9]*//g' | sort | uniq -c
        echo "links $(held link)"
        echo "namespaces $(lsns -t net -n | wc -l), named $(ip netns list | wc -l)"
        echo "filter $(bridge fdb show dev ens33 | grep -c 'self permanent' || true)"
      }
      settled() { resources > /run/now; cmp -s /run/before /run/now; }

      $macvtrace attach ens33 --json > /run/report.json 2> /run/errors & pid=$!
      await grep -q 'attached to ens33: 1 interface' /run/errors
      # Two at the parent; then those of the tracepoints.
      traced() { [ "$(count link)" -gt 2 ]; }
      await traced
      sleep 1
      held map > /run/maps
      first=$(count prog) links=$(count link)
      resources > /run/before
      [ "$(copies)" = 0 ] || fail "no children, and yet $(copies) copies"
      for round in $(seq \(Self.rounds)); do
        storm
        await observed
        [ "$(copies)" = 0 ] || fail "$(copies) copies for $children children"
        # That of all filters is loaded with the first of them.
        [ "$(count prog)" -le $((first + 1 + $(linked))) ] || fail "$(count prog) programs after $first"
        for number in $(seq $children); do ip netns delete s$number; done
        (await settled) || fail "after round $round other things are held than before: $(diff /run/before /run/now)"
      done
      links=$(held link) programs=$(held prog)
      kill -INT $pid; wait $pid || fail "it ended with $?: $(cat /run/errors)"
      jq -e '.schema == "macvtrace.report/1"' /run/report.json >/dev/null || fail "no report"
      gone() { ! bpftool "$1" show id "$2" >/dev/null 2>&1; }
      for id in ${links//,/ }; do await gone link $id; done
      for id in ${programs//,/ }; do await gone prog $id; done
      [ "$(tc qdisc show dev ens33 | grep -c clsact)" = 0 ] || fail "clsact is left"
      """, seconds: 240)
  }
}
