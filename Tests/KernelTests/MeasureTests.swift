import Foundation
import Glibc
import LinuxNamespaces
import TestSupport
import Testing
import TraceLab
import TraceModel

/// `macvtrace measure` as a command, beside iperf3's own report, the kernel's counters, ping, and a path whose rate is
/// known.
@Suite(.serialized) struct MeasureTests {
  private static let macvtrace = ".build/debug/macvtrace"

  private static func network() throws -> TestNetwork { try .pair(in: "10.66.0") }

  /// What the command prints with `--json`.
  private static func measure<Document: Decodable>(
    _ network: TestNetwork, _ arguments: String, before: String = "",
    as type: Document.Type = PathMeasurement.self
  ) throws -> Document {
    let output = try network.run("\(before)\n\(macvtrace) measure \(arguments) --json 2>/dev/null")
    return try JSONDecoder().decode(type, from: Data(output.utf8))
  }

  /// What runs in a namespace of the test.
  private static func processes(_ network: TestNetwork, _ name: String) throws -> String {
    try network.run("ip netns pids $\(name)")
  }

  @Test func streamsAreWhatIperfReports() throws {
    let network = try Self.network()
    let directory = "/tmp/\(Observed.prefix)iperf"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    // A client whose report is kept; the servers' is not asked for.
    let keep = """
      mkdir -p \(directory)
      cat > \(directory)/iperf3 <<'END'
      #!/bin/bash
      real=$(PATH=${PATH#*:} command -v iperf3)
      case " $* " in *" -c "*) "$real" "$@" | tee "\(directory)/$$.json";; *) exec "$real" "$@";; esac
      END
      chmod +x \(directory)/iperf3
      export PATH=\(directory):$PATH
      """
    let run = try Self.measure(
      network, "$a $b --loads tcp,udp --rounds 1 --duration 300ms --rate 40M", before: keep)
    #expect(run.isComplete)
    let reports = try FileManager.default.contentsOfDirectory(atPath: directory).filter {
      $0.hasSuffix(".json")
    }
    .map { name -> [String: Any] in
      let data = try Data(contentsOf: URL(filePath: "\(directory)/\(name)"))
      return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
    #expect(reports.count == 4)
    for result in try #require(run.path.rounds.first).throughput {
      let twin = try #require(
        reports.first { report in
          let start = (report["start"] as? [String: Any])?["test_start"] as? [String: Any]
          return (start?["protocol"] as? String)?.lowercased() == result.transport.rawValue
            && (start?["reverse"] as? Int == 1) == (result.direction == .reverse)
        })
      let end = try #require(twin["end"] as? [String: Any])
      if result.transport == .tcp {
        let received = try #require(end["sum_received"] as? [String: Any])
        let rate = try #require(received["bits_per_second"] as? Double)
        // Digits behind the fifteenth are the readers'.
        #expect(abs(result.bitsPerSecond - rate) <= rate * 1e-12)
      } else {
        let sum = try #require(end["sum"] as? [String: Any])
        #expect(result.datagrams == sum["packets"] as? UInt64)
        #expect(result.lostDatagrams == sum["lost_packets"] as? UInt64)
        #expect((result.offeredBitsPerSecond ?? 0) < 60e6, "--rate is what is offered")
      }
    }
  }

  @Test func framesAreThoseThatTheKernelCounts() throws {
    let network = try Self.network()
    let before = try network.statistics("eth0", in: "b")
    let run = try Self.measure(network, "$a $b --loads frames --sizes 64,700 --rounds 1 --duration 200ms")
    let carried = try network.statistics("eth0", in: "b") - before
    let results = try #require(run.path.rounds.first).frameRates
    #expect(results.map(\.size) == [64, 700])
    let trials = results.flatMap { [$0.flood] + $0.trials }
    let sent = trials.reduce(0) { $0 + $1.sent }
    #expect(trials.allSatisfy { $0.received > 0 && $0.received <= $0.sent })
    // What came besides: the round trips that were watched hook by hook, and those that found out whether the way is open.
    #expect(carried.framesIn >= sent && carried.framesIn <= sent + 3000, "\(carried) for \(sent) frames")
    var octets: UInt64 = 0
    for result in results {
      let frames = ([result.flood] + result.trials).reduce(UInt64(0)) { $0 + $1.sent }
      octets += frames * UInt64(result.size)
    }
    #expect(carried.bytesIn >= octets && carried.bytesIn <= octets + 3000 * 64)
  }

  @Test func theLossFreeRateIsThatOfTheNarrowestPlace() throws {
    let network = try Self.network()
    try network.run("tc -n $a qdisc add dev eth0 root tbf rate 20mbit burst 8kb limit 8kb")
    let run = try Self.measure(network, "$a $b --loads frames --sizes 500 --rounds 1 --duration 1s")
    let result = try #require(run.path.rounds.first?.frameRates.first)
    // 20 Mbit/s in frames of 500 octets.
    let rate = 20e6 / 8 / 500
    let found = try #require(result.lossFree, "\(result)")
    #expect(found < rate * 1.15, "\(result)")
    if result.limit == .sender {
      // Others kept the machine so busy that a sender got no CPU, again and again: then that is what has to be said.
      #expect(result.trials.count { $0.isSenderStarved } > 1, "\(result)")
    } else {
      #expect(result.limit == .path && found > rate * 0.6, "\(result)")
    }
    #expect(result.flood.lost > 0)
    #expect(try network.run("tc -n $a -s qdisc show dev eth0").contains("dropped 0,") == false)
  }

  @Test func aSenderThatCannotIsNotAPathThatCannot() throws {
    let network = try Self.network()
    let run = try Self.measure(
      network, "$a $b --loads frames --sizes 64 --rounds 1 --duration 200ms --rate 900G")
    let result = try #require(run.path.rounds.first?.frameRates.first)
    #expect(result.flood.isSenderStarved)
    #expect(result.limit != .rate, "as much was never sent")
    #expect((0...1).contains(try #require(result.flood.senderRan)))
  }

  @Test func roundTripsAreOfTheOrderOfPingsAndGoHookByHook() throws {
    let network = try Self.network()
    // rtt min/avg/max/mdev = 0.031/0.043/0.110/0.012 ms
    let ping = try network.run("ip netns exec $a ping -q -c 100 -i 0.002 10.66.0.20")
    let minimum = try #require(
      ping.split(separator: "=").last?.split(separator: "/").first.flatMap {
        Double($0.drop { $0 == " " })
      })
    let run = try Self.measure(network, "$a $b --loads latency --rounds 1 --duration 300ms")
    let results = try #require(run.path.rounds.first).latency
    #expect(results.map(\.condition) == [.idle, .loaded])
    for result in results {
      let times = result.roundTrip
      #expect(times.minimum > minimum * 1000 / 20 && times.minimum < minimum * 1000 * 20, "\(ping)")
      #expect(times.minimum <= times.p50 && times.p50 <= times.p99 && times.p99 <= times.maximum)
      #expect(times.count + result.lost == result.sent)
      #expect(result.distribution.last?.value == times.maximum)
      #expect(!result.timeline.isEmpty)
    }
    let prefix = Observed.prefix
    #expect(
      run.path.hops.map { "\($0.from) > \($0.to)" }
        == [
          "eth0 in \(prefix)a, out > ens33 in \(prefix)host, in",
          "ens33 in \(prefix)host, in > eth0 in \(prefix)b, in",
          "eth0 in \(prefix)b, out > ens33 in \(prefix)host, in",
          "ens33 in \(prefix)host, in > eth0 in \(prefix)a, in",
        ].map { $0.replacingOccurrences(of: "ens33 in \(prefix)host", with: "ens33") })
    // A way there is part of a round trip.
    let there = run.path.hops.filter { $0.direction == .forward }.map(\.time.p50).reduce(0, +)
    #expect(there > 0 && there < results[0].roundTrip.p99)
    #expect(run.environment.interfaces.contains { $0.label == "eth0 in \(prefix)a" && $0.kind == "macvlan" })
  }

  @Test func whoIsNotReachedIsSaidAndNothingIsLeft() throws {
    let network = try Self.network()
    try network.run("ip -n $b link set eth0 down")
    let result = try network.attempt("\(Self.macvtrace) measure $a $b")
    #expect(result.status == 2)
    #expect(result.output.contains("does not reach") && result.output.contains("macvtrace explain"))
    #expect(try Self.processes(network, "b").isEmpty)
  }

  @Test func withoutIperfItSaysWhatToInstall() throws {
    let network = try Self.network()
    let result = try network.attempt("PATH=/nowhere exec $PWD/\(Self.macvtrace) measure $a $b")
    #expect(result.status == 2)
    #expect(result.output.contains("install the package iperf3"))
  }

  @Test func anInterruptGivesTheResultsSoFar() throws {
    let network = try Self.network()
    let file = "/tmp/\(Observed.prefix)run.json"
    defer { unlink(file) }
    let capture = try Background(
      [
        Self.macvtrace, "measure", Observed.prefix + "a", Observed.prefix + "b", "--loads", "latency,tcp",
        "--duration", "1s", "--output", file,
      ], in: .current())
    try capture.waitFor("round 1 of 3: TCP A to B", seconds: 30)
    #expect(capture.stop().contains("Not complete"))
    let run = try JSONDecoder().decode(
      PathMeasurement.self, from: Data(contentsOf: URL(filePath: file)))
    #expect(!run.isComplete)
    #expect(run.path.rounds.first?.latency.count == 1)
    #expect(try Self.processes(network, "a").isEmpty && Self.processes(network, "b").isEmpty)
  }

  @Test func aKilledOneLeavesNothing() throws {
    let network = try Self.network()
    let capture = try Background(
      [
        Self.macvtrace, "measure", Observed.prefix + "a", Observed.prefix + "b", "--loads", "tcp",
        "--duration",
        "20s",
      ], in: .current())
    try capture.waitFor("TCP A to B", seconds: 30)
    capture.kill()
    var left = ""
    for _ in 0..<Patience.times(100) {
      left = try Self.processes(network, "a") + Self.processes(network, "b")
      if left.isEmpty { break }
      usleep(50_000)
    }
    #expect(left.isEmpty, "iperf3 goes with who started it")
  }
}
