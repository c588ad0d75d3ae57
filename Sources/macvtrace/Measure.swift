import ArgumentParser
import NetworkAddresses
import TraceCapture
import TraceFile
import TraceLab
import TraceMeasurement
import TraceModel
import TraceReport

/// `macvtrace measure`: what a path delivers and costs.
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Measure a path: throughput, frames a second, latency, loss, CPU a frame.",
    discussion: """
      A and B: a container's name, an address, an interface, or a network namespace; A is this host without it. B may be on
      another machine that runs `measure --server`. Ctrl-C prints the results so far.
      """)

  @Argument(help: ArgumentHelp("The stations: A and B, or B.", valueName: "a b"))
  var stations: [String] = []
  @Option(help: ArgumentHelp("How long each load runs: 500ms, 10s; 1s by default.", valueName: "t"))
  var duration: TimeSpan?
  @Option(help: ArgumentHelp("How often; 3, with --overhead 5.", valueName: "n"))
  var rounds: Int?
  @Option(help: ArgumentHelp("Offered rate of UDP and frames, in bit/s: 100M.", valueName: "r"))
  var rate: BitRate?
  @Option(help: ArgumentHelp("Octets of frames: 64,512,1400.", valueName: "list"))
  var sizes: SizeList?
  @Option(help: ArgumentHelp("Some of tcp,udp,latency,frames.", valueName: "list"))
  var loads: LoadList?
  @Option(help: ArgumentHelp("Compare some of macvlan,bridge,ipvlan,host.", valueName: "list"))
  var compare: String?
  @Flag(help: "Compare with and without macvtrace attached.")
  var overhead = false
  @Flag(help: "Be the far end for another machine, until Ctrl-C.")
  var server = false
  @Option(help: ArgumentHelp("The server's port, here or at B.", valueName: "p"))
  var port: UInt16?
  @Option(help: ArgumentHelp("Where the server listens; all without it.", valueName: "address"))
  var bind: String?
  @Flag(help: "Print JSON (macvtrace.measurement/1).")
  var json = false
  @Option(help: ArgumentHelp("Save the run for `macvtrace report`.", valueName: "file"))
  var output: String?
  @Option(help: ArgumentHelp("Write a page with plots.", valueName: "file"))
  var html: String?

  private static let usualDuration: UInt64 = 1_000_000_000

  func validate() throws {
    let uses = [server, compare != nil, !stations.isEmpty].count { $0 }
    if uses != 1 || overhead && stations.isEmpty {
      throw ValidationError("name stations (A B), or --compare KINDS, or --server")
    }
    if stations.count > 2 { throw ValidationError("there are two stations: A and B") }
    if let rounds, !(1...1000).contains(rounds) { throw ValidationError("--rounds must be from 1 to 1000") }
    if let duration, !(100_000_000...3_600_000_000_000).contains(duration.nanoseconds) {
      throw ValidationError("--duration must be from 100ms to 1h")
    }
    if let bind, IPAddress(bind) == nil { throw ValidationError("--bind takes an address") }
    if let compare { _ = try Self.kinds(compare) }
  }

  private static func kinds(_ text: String) throws -> [WayKind] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let kind = WayKind(rawValue: String(word)) else {
        let known = WayKind.allCases.map(\.rawValue).joined(separator: ",")
        throw ValidationError("--compare takes some of \(known)")
      }
      return kind
    }
  }

  func run() throws {
    do {
      StopSignal.hold()
      // Before anything is measured: what is missing, and a file that cannot be written, is known at once.
      let iperf = try Iperf()
      let files = try RunFiles(output: output, html: html, json: json)
      if server { return try serve(iperf) }
      let run = MeasurementRun(options: options, iperf: iperf, control: Self.control)
      if let compare {
        try files.write(.comparison(try run.compare(Self.kinds(compare))))
      } else if let target = stations.last {
        let pair = try MeasuredPair(
          stations.count == 2 ? stations[0] : nil, target, serverPort: port, iperf)
        try files.write(
          overhead ? .comparison(try run.overhead(pair)) : .measurement(try run.measure(pair)))
      }
    } catch {
      throw Failure.exitCode(error)
    }
  }

  private var options: MeasurementOptions {
    let isComparing = overhead || compare != nil
    return MeasurementOptions(
      seconds: Double(duration?.nanoseconds ?? Self.usualDuration) / 1e9,
      rounds: rounds ?? (overhead ? 5 : 3),
      bitsPerSecond: rate?.bitsPerSecond,
      sizes: sizes?.sizes ?? (isComparing ? [64, 1400] : [64, 512, 1400]),
      loads: loads?.kinds ?? LoadKind.allCases.filter { !isComparing || $0 != .udp })
  }

  private static var control: LoadControl {
    // A signal is taken once, and asked for again and again.
    var isStopped = false
    return LoadControl(
      isStopped: {
        isStopped = isStopped || StopSignal.take() != nil
        return isStopped
      }, say: { Console.complain($0) })
  }

  private func serve(_ iperf: Iperf) throws {
    let server = try MeasurementServer(at: bind.flatMap { IPAddress($0) }, port: port, iperf)
    Console.say("measure: listening at port \(server.port)")
    try server.run(isStopped: { StopSignal.take() != nil }, say: { Console.say("measure: \($0)") })
  }
}
