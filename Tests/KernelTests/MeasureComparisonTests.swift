import Foundation
import LinuxNamespaces
import TestSupport
import Testing
import TraceLab
import TraceModel

/// `macvtrace measure --compare`, `--overhead`, `--server`, and the report on saved runs.
@Suite(.serialized) struct MeasureComparisonTests {
  private static let macvtrace = ".build/debug/macvtrace"

  private static func network() throws -> TestNetwork { try .pair(in: "10.67.0") }

  @Test func waysAreComparedInTurnAndAMissingOneIsSaid() throws {
    let directory = "/tmp/\(Observed.prefix)compare"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    // Names that it gave namespaces would be seen in a /run of its own, and links in a namespace of its own.
    let result = try CommandRunner.run([
      "unshare", "--mount", "--net", "bash", "-euc",
      """
      mount -t tmpfs none /run; mkdir \(directory)
      \(Self.macvtrace) measure --compare macvlan,bridge,ipvlan,host --loads frames --rounds 3 --duration 200ms \
        --sizes 64 --json >\(directory)/run 2>\(directory)/progress
      [ -z "$(ls /run/netns 2>/dev/null)" ] && [ "$(ip -o link | wc -l)" = 1 ]
      """,
    ])
    #expect(result.status == 0, "\(result.output)")
    let run = try JSONDecoder().decode(
      Comparison.self, from: Data(contentsOf: URL(filePath: "\(directory)/run")))
    #expect(run.isComplete && run.baseline == "macvlan")
    let present =
      Feature.ipvlan.isPresent ? ["macvlan", "bridge", "ipvlan", "host"] : ["macvlan", "bridge", "host"]
    #expect(run.paths.filter { $0.missing == nil }.map(\.name) == present)
    #expect(
      run.paths.filter { $0.missing != nil }.map(\.name) == (Feature.ipvlan.isPresent ? [] : ["ipvlan"]))
    let progress = try String(contentsOfFile: "\(directory)/progress", encoding: .utf8)
    let order = progress.split(separator: "\n").filter { $0.contains("round ") }.compactMap { line in
      present.first { line.contains(": \($0): ") }
    }
    #expect(order == Array(repeating: present, count: 3).flatMap(\.self))
    for path in run.paths where path.missing == nil {
      #expect(
        path.rounds.count == 3
          && path.rounds.allSatisfy { $0.frameRates.allSatisfy { $0.flood.received > 0 } })
    }
    // By hand, from what each round gave.
    let rates = { (name: String) in
      run.paths.first { $0.name == name }?.rounds.map { $0.frameRates[0].flood.receivedPerSecond } ?? []
    }
    let ratios = zip(rates("bridge"), rates("macvlan")).map { $0 / $1 }.sorted()
    let told = try #require(run.ratios.first { $0.path == "bridge" && $0.metric == "frames_64" }?.ratio)
    #expect([told.minimum, told.median, told.maximum] == ratios)
  }

  @Test func thePriceOfLookingIsARatioAndTheKernelsOwnFigures() throws {
    let network = try Self.network()
    let output = try network.run(
      "\(Self.macvtrace) measure --overhead $a $b --loads frames --rounds 2 --duration 200ms --sizes 64 --json 2>/dev/null"
    )
    let run = try JSONDecoder().decode(Comparison.self, from: Data(output.utf8))
    #expect(run.isComplete && run.subject == .overhead && run.baseline == "alone")
    #expect(run.paths.map(\.name) == ["alone", "attached"])
    #expect(
      run.ratios.contains { $0.path == "attached" && $0.metric == "frames_64_cpu" && $0.ratio.rounds == 2 })
    // Out at one child, in at the parent, in at the other child.
    let hooks = Set(run.programs.flatMap(\.hooks))
    #expect(hooks.contains("eth0 in \(Observed.prefix)a, egress") && hooks.contains("ens33, ingress"))
    #expect(run.programs.allSatisfy { $0.runs > 0 && $0.nanosecondsPerRun > 0 })
    let left = try network.run("ip netns exec $host bpftool net show; ip netns exec $host tc qdisc")
    #expect(!left.contains("count_") && !left.contains("clsact"), "\(left)")
  }

  /// Another machine's end, in a namespace that is asked by its port.
  @Test func aServerIsTheFarEnd() throws {
    let network = try Self.network()
    let server = try Background(
      [
        "ip", "netns", "exec", Observed.prefix + "b", Self.macvtrace, "measure", "--server", "--port", "5999",
      ],
      in: .current())
    try server.waitFor("listening at port 5999")
    // Who does not speak the language is let go, and the next one is served.
    try network.run(
      """
      ip netns exec $a bash -c 'exec 3<>/dev/tcp/10.67.0.20/5999; echo nonsense >&3; head -n 2 <&3 | tail -n 1' \
        | grep -q '^error'
      ip netns exec $a bash -c 'head -c 100000 /dev/zero >/dev/tcp/10.67.0.20/5999' || true
      """)
    let before = try network.statistics("eth0", in: "b")
    let output = try network.run(
      """
      \(Self.macvtrace) measure $a $b --port 5999 --loads tcp,frames --rounds 1 --duration 200ms --sizes 200 \
        --json 2>/dev/null
      """)
    let run = try JSONDecoder().decode(PathMeasurement.self, from: Data(output.utf8))
    let carried = try network.statistics("eth0", in: "b") - before
    let round = try #require(run.path.rounds.first)
    #expect(run.isComplete)
    #expect(round.throughput.map(\.direction) == [.forward, .reverse])
    let flood = try #require(round.frameRates.first).flood
    #expect(flood.received > 0 && flood.received <= carried.framesIn)
    #expect(server.stop().contains("a client has come"))
    let nobody = try network.attempt("\(Self.macvtrace) measure $a 10.67.0.99")
    #expect(nobody.status == 2 && nobody.output.contains("measure --server"), "\(nobody.output)")
  }

  @Test func aSavedRunIsReportedAndComparedWithAnother() throws {
    let network = try Self.network()
    let directory = "/tmp/\(Observed.prefix)runs"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let output = try network.run(
      """
      mkdir \(directory); cd \(directory); macvtrace=$OLDPWD/\(Self.macvtrace)
      $macvtrace measure $a $b --loads frames --sizes 64 --rounds 3 --duration 100ms --output one >printed 2>/dev/null
      $macvtrace report one | diff - printed >&2
      $macvtrace report one --json | diff - one >&2
      $macvtrace report one one
      # Rates that are known, by another program than ours.
      rates() { jq --argjson first $1 '.path.rounds |= (to_entries | map(.value.frame_rates[0].flood |= (.seconds = 1)
        | .value.frame_rates[0].flood.received = $first + .key * 1000 | .value))' one; }
      rates 90000 > steady; rates 45000 > half; rates 91500 > near
      for other in half near; do
        $macvtrace report steady $other --json |
          jq -c --arg to $other '[.schema, $to, (.rows[] | select(.metric == "frames_64") | .verdict)]'
      done
      jq '.path.rounds |= .[:2]' one > few
      $macvtrace report one few --json | jq -c '[.rows[].verdict] | unique'
      head -c 1000 one > cut; $macvtrace report cut 2>&1 || echo status $?
      echo '{"schema": "macvtrace.measurement/9"}' > later; $macvtrace report later 2>&1 || echo status $?
      """)
    #expect(output.contains("Nothing changed by more than the noise of the rounds"))
    #expect(output.contains(#"["macvtrace.difference/1","half","worse"]"#))
    #expect(output.contains(#"["macvtrace.difference/1","near","within_noise"]"#))
    #expect(output.contains(#"["too_few_rounds"]"#))
    #expect(output.contains("or not all of it") && output.contains("does not read"))
    #expect(output.split(separator: "\n").count { $0 == "status 2" } == 2)
  }
}
