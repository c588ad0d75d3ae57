public import ArgumentParser
import LinuxNamespaces
import NetworkAddresses
import SystemPackage
import TraceCapture
import TraceDiagnosis
import TraceDiscovery
import TraceFile
import TraceMeasurement
public import TraceModel
import TraceReport

extension ProbeProtocol: ExpressibleByArgument {}

/// `macvtrace explain`: probe, follow the probe, name the cause.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Probe from A to B, follow the probe hook by hook, name the cause and the fix.",
    discussion: """
      A and B: a container's name, an address, an interface, or a network namespace. Exit status 0: it works; 1: it does
      not; 2: it could not be tried.
      """)

  @Option(help: "Who sends: a container, an address, an interface, a namespace; this host without it.")
  var from: String?
  @Argument(help: "Whom to reach.")
  var target: String
  @Option(help: "The port to reach; by TCP unless --protocol says udp.")
  var port: UInt16?
  @Option(help: "icmp, tcp or udp; icmp without a port.")
  var `protocol`: ProbeProtocol?
  @Flag(help: "Print the report as JSON (macvtrace.report/1).")
  var json = false
  @Option(help: "Save what was observed to a file, for `macvtrace report`.")
  var output: String?
  @Option(help: "Exit with status 1 for findings of this severity or above: info, warning, error.")
  var failOn = Severity.error
  @Option(help: ArgumentHelp("Where sysfs is.", visibility: .hidden))
  var sysfs = HardwareReader.sysfs

  func validate() throws {
    if port == 0 { throw ValidationError("--port must be from 1 to 65535") }
    if `protocol` == .icmp, port != nil {
      throw ValidationError("ICMP has no ports: leave --port or --protocol out")
    }
    if let `protocol`, `protocol` != .icmp, port == nil {
      throw ValidationError("--protocol \(`protocol`.rawValue) needs a --port")
    }
  }

  func run() throws {
    do {
      StopSignal.hold()
      let finder = try StationFinder()
      let first = try finder.target(target)
      let sender = try finder.sender(from, to: first.address)
      // Of several addresses the one in the sender's network is meant.
      let receiver = try finder.target(target, near: sender)
      let path = try finder.path(from: sender, to: receiver)
      let run = ProbeRun(
        from: sender, to: receiver, protocol: `protocol` ?? (port == nil ? .icmp : .tcp), port: port)
      // Before anything is attached: a file that cannot be written is known at once.
      let file = try output.map { path throws(TraceFileError) in try OutputFile(path) }
      let observer = finder.host.namespace
      try path.near.namespace.run { try probe(run, path, file, observer: observer) }
    } catch {
      throw Failure.exitCode(error)
    }
  }

  /// Asks for the MAC address that a child was not told by that of the interface below it: whether the wire answers one and
  /// not the other says much.
  private func askForComparison(_ run: ProbeRun, _ path: ProbePath, _ topology: Topology) {
    guard let child = run.from.interface.flatMap(topology.interface), child.kind.isChild,
      let lower = child.parent.flatMap(topology.interface), lower.id.namespace == topology.parent.namespace,
      let next = path.lookup.route?.gateway ?? run.to.address,
      !topology.namespaces.contains(where: { $0.localAddresses.contains(next) })
    else { return }
    ARPProbe.send(for: next, by: lower)
  }

  private func probe(_ plan: ProbeRun, _ path: ProbePath, _ file: OutputFile?, observer: UInt64?) throws {
    var run = plan
    guard let address = run.to.address else { return }
    var far: [HeldObservation] = []
    defer { for side in far { side.finish() } }
    for parent in [path.far, path.router].compactMap(\.self) {
      far.append(try HeldObservation(beside: parent, command: "explain"))
    }
    var observing = try Observing(path.near.name, sysfs: sysfs)
    defer { observing.session.stop() }
    observing.settle()
    let target = ProbeTarget(
      address, run.protocol, port: run.port, source: run.from.address, scope: path.scope)
    // Beside a connection that stays on one parent no narrow link is looked for.
    var exchange = ProbeExchange(
      target, in: path.senderNamespace, asksSizes: run.to.namespace == nil || path.far != nil)
    while StopSignal.take() == nil, try exchange.step() {
      if case .changed = try observing.live.follow(timeout: 0) {
        observing.session.update(observing.live.topology)
      }
      _ = observing.session.check()
    }
    run.probes = exchange.probes
    if !run.reaches { askForComparison(run, path, observing.live.topology) }
    var observation = observing.finish("explain")
    observation.probeRun = run
    observation.observerNamespace = observer
    observation.routeLookups.insert(path.lookup, at: 0)
    observation.far = far.compactMap { $0.finish() }
    let isSaved = Observing.save(observation, to: file)
    let result = Diagnosis.evaluate(observation)
    let report = Report(
      of: observation, findings: result.findings, notEvaluated: result.notEvaluated,
      explanation: result.explanation, vlanPaths: result.vlanPaths)
    let bytes =
      json
      ? try JSONReport.render(report) : Array(TextReport.renderExplanation(report, style: Console.style).utf8)
    try Console.print(bytes)
    if !isSaved { throw ExitStatus.failed }
    if !run.works || result.findings.contains(where: { $0.severity >= failOn }) { throw ExitStatus.findings }
  }
}
