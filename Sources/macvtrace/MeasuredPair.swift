import LinuxNamespaces
import SystemPackage
import TraceCapture
import TraceDiagnosis
import TraceDiscovery
import TraceMeasurement
import TraceModel

/// The two stations of a measurement, found, and what stands between them.
struct MeasuredPair {
  let from: Station
  let to: Station
  let source: LoadSource
  let far: any FarEnd
  /// Where macvtrace can be attached: what A sits on, and what B sits on where that is another.
  let parents: [ProbePath.Parent]
  private let farNamespace: NetworkNamespace?
  private let own: UInt32?
  private(set) var notes: [String] = []

  /// Finds them. B may be an address on another machine, or a station that has `measure --server` at a port.
  init(_ fromText: String?, _ toText: String, serverPort: UInt16?, _ iperf: Iperf) throws {
    let finder = try StationFinder()
    let first = try finder.target(toText)
    from = try finder.sender(fromText, to: first.address)
    to = try finder.target(toText, near: from)
    guard let address = to.address else { throw MeasurementError("\(toText) has no address") }
    var scope: UInt32 = 0
    var parents: [ProbePath.Parent] = []
    var route: InterfaceID?
    do {
      let path = try finder.path(from: from, to: to)
      scope = path.scope
      parents = [path.near] + [path.far].compactMap(\.self)
      route = path.lookup.route?.interface
    } catch {
      notes.append("not looked at hook by hook: \(error)")
    }
    self.parents = parents
    own = (from.interface ?? route)?.ifindex
    source = LoadSource(namespace: try finder.open(from), address: from.address, scope: scope)
    farNamespace = try finder.open(to)
    if let farNamespace, serverPort == nil {
      far = LocalFarEnd(address, scope: to.interface?.ifindex ?? 0, in: farNamespace, iperf)
    } else {
      far = try RemoteFarEnd(address, port: serverPort ?? RemoteFarEnd.defaultPort, from: source)
    }
  }

  /// The machine, and the interfaces at both ends, with what is attached to them.
  func environment(_ observations: [Observation]) -> MeasuredEnvironment {
    var environment = EnvironmentReading.now()
    let others = Dictionary(grouping: observations.flatMap(\.otherPrograms), by: \.interface)
    let programs = { (namespace: UInt64?) in
      Dictionary(
        others.filter { $0.key.namespace == namespace }.map { ($0.key.ifindex, $0.value.map(\.label)) }
      ) { first, _ in first }
    }
    let label = { (station: Station) in station.label == "this host" ? nil : station.label }
    var found =
      (try? InterfaceReading.read(own, in: source.namespace, label(from), programs: programs(from.namespace)))
      ?? []
    if let farNamespace {
      found +=
        (try? InterfaceReading.read(
          to.interface?.ifindex, in: farNamespace, label(to), programs: programs(to.namespace))) ?? []
    }
    for observation in observations {
      guard let parent = observation.after.parentInterface else { continue }
      found.append(
        MeasuredInterface(
          label: parent.label, kind: parent.linkKind.isEmpty ? "device" : parent.linkKind, mtu: parent.mtu,
          offloads: [], programs: (others[parent.id] ?? []).map(\.label)))
    }
    environment.interfaces = found
    return environment
  }

  /// Attaches to every parent while `body` runs.
  ///
  /// - Returns: what was seen, and what our programs ran.
  func observing(_ options: CaptureOptions = CaptureOptions(), _ body: () throws -> Void) throws -> (
    observations: [Observation], runs: [ProgramRuns]
  ) {
    var held: [HeldObservation] = []
    defer { for one in held { one.finish() } }
    for parent in parents {
      let one = try HeldObservation(parent, options: options, command: "measure")
      held.append(one)
      if let failure = one.failure { throw failure }
    }
    try body()
    let observations = held.compactMap { $0.finish() }
    return (observations, held.flatMap(\.programRuns))
  }

  /// What frames take from hook to hook, from some round trips while every one of their frames is recorded.
  func hops(_ runner: LoadRunner) throws -> (hops: [HopLatency], observations: [Observation]) {
    guard !parents.isEmpty else { return ([], []) }
    var options = CaptureOptions()
    options.samplingMask = 0
    options.budget = options.budget.map { _ in 20_000 }
    let observations = try observing(options) { try runner.paceRoundTrips(seconds: 0.5) }.observations
    guard var topology = observations.first?.after else { return ([], []) }
    for other in observations.dropFirst() { topology.interfaces += other.after.interfaces }
    let trajectories = TrajectoryJoiner.join(
      observations.flatMap(\.sightings), observations.flatMap(\.drops))
    return (HopLatencies.of(trajectories, from: from, to: to, in: topology), observations)
  }
}
