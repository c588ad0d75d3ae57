import ArgumentParser
import LinuxNamespaces
import NetworkAddresses
import SystemPackage
import TraceCapture
import TraceDiagnosis
import TraceDiscovery
import TraceFile
import TraceMeasurement
import TraceModel
import TraceReport

/// `macvtrace verify`: each ordered pair of VLANs, claim by claim.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove for each ordered pair of VLANs whether it is routed, blocked or leaks.",
    discussion: """
      Sends numbered packets between stations of the VLANs and follows each before and behind the router. Exit status 0: \
      all of it is as it must be; 1: it is not.
      """)

  @Argument(help: "The parent interface, e.g. ens33.")
  var parent: String
  @Argument(help: "The VLANs; without any: all that the parent has sub-interfaces for.")
  var vlans: [UInt16] = []
  @Option(
    help: ArgumentHelp("Who sends and hears for a VLAN: 10=bbox10, 20=172.16.20.20.", valueName: "vlan=who"))
  var from: [VLANChoice] = []
  @Flag(help: "Send nothing: judge live traffic, until Ctrl-C or the end of --duration.")
  var passive = false
  @Option(help: "With --passive, how long to observe: 10s, 2m.")
  var duration: TimeSpan?
  @Option(help: "A YAML file that says which pairs must be routed or blocked.")
  var policy: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Print every claim of one pair: --explain 10 20.", valueName: "vlan"))
  var explain: [UInt16] = []
  @Option(help: "How many routers are expected on the way.")
  var hops = 1
  @Option(help: "The port that TCP and UDP are tried on.")
  var port: UInt16 = 33434
  @Flag(help: "Print the report as JSON (macvtrace.report/1).")
  var json = false
  @Option(help: "Save what was observed to a file, for `macvtrace report`.")
  var output: String?
  @Option(help: "Exit with status 1 for findings of this severity or above: info, warning, error.")
  var failOn = Severity.error

  func validate() throws {
    for vlan in vlans + explain where !(1...4094).contains(vlan) {
      throw ValidationError("\(vlan) is no VLAN: they are 1 to 4094")
    }
    if !explain.isEmpty, explain.count != 2 || explain[0] == explain[1] {
      throw ValidationError("--explain takes two VLANs: --explain 10 20")
    }
    if !(1...64).contains(hops) { throw ValidationError("--hops must be from 1 to 64") }
    if port == 0 { throw ValidationError("--port must be from 1 to 65535") }
    if duration != nil, !passive { throw ValidationError("--duration goes with --passive") }
    if passive, !from.isEmpty { throw ValidationError("--passive sends nothing: leave --from out") }
  }

  func run() throws {
    do {
      try verify()
    } catch {
      throw Failure.exitCode(error)
    }
  }

  private func verify() throws {
    StopSignal.hold()
    let policy = try policy.map { path throws(TraceFileError) in try PolicyFile.read(path) }
    let file = try output.map { path throws(TraceFileError) in try OutputFile(path) }
    var observing = try Observing(parent)
    defer { observing.session.stop() }
    observing.settle()
    var topology = observing.live.topology
    // The report says what could not be named; stations are called by their containers from the beginning.
    var unnamed: [Degradation] = []
    TopologyScanner(parent: parent).name(&topology, limitations: &unnamed)
    let chosen = try VLANStations.vlans(of: topology, among: vlans.compactMap(VLANID.init))
    // A VLAN that the policy speaks of and that is not there would never be found wrong.
    if vlans.isEmpty, let policy { _ = try VLANStations.vlans(of: topology, among: policy.vlans.sorted()) }
    var run = VerificationRun(vlans: chosen, isPassive: passive, hops: hops, policy: policy)
    let finder = try StationFinder()
    let named = try from.map { choice in
      VLANStations.named(try finder.target(choice.who), in: choice.vlan, topology)
    }
    // Whoever was named speaks for the VLAN alone.
    let stations =
      named
      + VLANStations.all(in: topology, vlans: chosen).filter { own in !named.contains { $0.vlan == own.vlan }
      }
    let plan = VerificationPlan(run, stations: stations, port: port)
    let lookups = RouteCollector.lookups(plan.routeQuestions, in: topology)
    let gateways = lookups.compactMap { $0.route?.gateway }
    let router = passive ? nil : finder.parent(owning: gateways, otherThan: topology.parent)
    let far = try router.map { try HeldObservation(beside: $0, command: "verify") }
    defer { far?.finish() }
    Console.say("attached to \(parent): \(observing.extent)")
    run = plan.run
    if passive {
      var watch = Watch(session: observing.session, live: observing.live, start: observing.start, view: .none)
      try watch.run(until: duration.map { observing.start.monotonic + $0.nanoseconds })
    } else {
      run = try VerificationProbes(namespaces: try finder.namespaces(of: plan.run)).run(plan.run) {
        if case .changed = try observing.live.follow(timeout: 0) {
          observing.session.update(observing.live.topology)
        }
        _ = observing.session.check()
        return StopSignal.take() == nil
      } tell: {
        Console.complain($0)
      }
    }
    var observation = observing.finish("verify")
    observation.verification = run
    observation.observerNamespace = finder.host.namespace
    observation.routeLookups = lookups + observation.routeLookups
    observation.far = [far?.finish()].compactMap(\.self)
    let isSaved = Observing.save(observation, to: file)
    let result = Diagnosis.evaluate(observation)
    let report = Report(
      of: observation, findings: result.findings, notEvaluated: result.notEvaluated,
      vlanPaths: result.vlanPaths)
    let pair = explain.compactMap(VLANID.init)
    try Console.print(
      json
        ? JSONReport.render(report)
        : Array(
          TextReport.renderVerification(
            report, explaining: pair.count == 2 ? VLANPair(pair[0], pair[1]) : nil, style: Console.style
          ).utf8))
    if !isSaved { throw ExitStatus.failed }
    if !report.isVerified(by: policy, failOn: failOn) { throw ExitStatus.findings }
  }
}

/// `10=bbox10`: who speaks for a VLAN.
struct VLANChoice: ExpressibleByArgument {
  let vlan: VLANID
  let who: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let number = UInt16(parts[0]), (1...4094).contains(number),
      let vlan = VLANID(number)
    else { return nil }
    self.vlan = vlan
    who = String(parts[1])
  }
}
