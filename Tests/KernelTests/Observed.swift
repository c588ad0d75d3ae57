import Foundation
import Glibc
import LinuxNamespaces
import NetworkAddresses
import Testing
import TraceCapture
import TraceDiagnosis
import TraceDiscovery
import TraceLab
import TraceModel

/// Observes docker01 of a lab while traffic runs.
enum Observed {
  /// The command that is tried: `MACVTRACE_BINARY`, the one that is released, else what stands beside the tests.
  static var binary: String {
    ProcessInfo.processInfo.environment["MACVTRACE_BINARY"] ?? ".build/debug/macvtrace"
  }

  /// Before the names of this process's namespaces.
  static let prefix = "mvt\(getpid())-"

  /// Builds a lab with a prefix of its own, hands it to `body`, and removes it whatever happens.
  static func withLab<Value>(
    _ specification: LabSpecification, prefix: String = prefix, _ body: (Lab) throws -> Value
  ) throws -> Value {
    var specification = specification
    specification.prefix = prefix
    let lab = try Lab.up(specification)
    let result = Result { try body(lab) }
    try lab.down()
    return try result.get()
  }

  /// Hands `body` a folder with what a fault's machine has in sysfs; `nil` where that is this machine's own.
  static func withMachine<Value>(of fault: Fault, _ body: (String?) throws -> Value) throws -> Value {
    guard !fault.machine.isEmpty else { return try body(nil) }
    let files = FileManager.default
    let root = files.temporaryDirectory.appending(path: "macvtrace-sysfs-\(UUID().uuidString)")
    defer { try? files.removeItem(at: root) }
    for (path, text) in fault.machine {
      let file = root.appending(path: path)
      try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return try body(root.path())
  }

  /// Attaches to docker01's `ens33`, runs `traffic`, waits `milliseconds`, detaches.
  static func observe(
    _ lab: Lab, parent: String = "ens33", options: CaptureOptions = CaptureOptions(),
    waiting milliseconds: UInt32 = 0, sysfs: String? = nil,
    _ traffic: @escaping @Sendable () throws -> Void
  ) throws -> Observation {
    try observe(
      in: try lab.namespace("docker01"), parent: parent, options: options, waiting: milliseconds,
      sysfs: sysfs, traffic)
  }

  /// The same with an interface of any namespace.
  static func observe(
    in namespace: NetworkNamespace, parent: String, options: CaptureOptions = CaptureOptions(),
    waiting milliseconds: UInt32 = 0, sysfs: String? = nil, _ traffic: @escaping @Sendable () throws -> Void
  ) throws -> Observation {
    try namespace.run {
      let scanner = TopologyScanner(parent: parent)
      let start = monotonic()
      let before = try scanner.scan()
      let states = StateCollector.states(of: before)
      let session = try CaptureSession(before, options: options)
      try traffic()
      usleep(milliseconds * 1000)
      let after = try? scanner.scan()
      if after == nil { session.lostParent() }
      let end = monotonic()
      session.stop()
      var observation = Observation(
        tool: ToolInformation(version: "test", command: "test"),
        host: HostInformation(name: "test", kernel: "test"),
        window: ObservationWindow(
          start: "", end: "", seconds: Double(end - start) / 1e9, monotonicStart: start, monotonicEnd: end),
        before: before, after: after ?? before)
      session.fill(&observation)
      if after == nil { observation.departedParent = DepartedParent.find(before) }
      observation.routeLookups = RouteCollector.lookups(
        RouteQuestions.about(observation), in: observation.after)
      let hardware = HardwareReader(sysfs ?? HardwareReader.sysfs)
      observation.hardware = observation.after.parentInterface.map(hardware.hardware)
      observation.statesBefore = states
      observation.statesAfter = StateCollector.states(of: observation.after)
      return observation
    }
  }

  /// `fd16::10` beside `172.22.16.10`, for docker01 and every container.
  static func addIPv6(_ lab: Lab) throws {
    let containers = lab.specification.containers.map { ($0.name, "eth0", "\($0.address.address)") }
    for (name, interface, address) in containers + [("docker01", "ens33", "172.22.16.2")] {
      let last = address.split(separator: ".").last.map(String.init) ?? ""
      let result = try lab.run(
        ["ip", "address", "add", "fd16::\(last)/64", "dev", interface, "nodad"], in: name)
      #expect(result.status == 0, "\(result.output)")
    }
  }

  static func monotonic() -> UInt64 { MonotonicClock.now() }
}
