import LinuxNamespaces
import NetworkAddresses
import TraceModel

/// iperf3, by which streams are measured.
public struct Iperf: Sendable {
  let path: String

  /// Looks for it.
  ///
  /// - Throws: `MeasurementError` where it is not installed.
  public init() throws(MeasurementError) {
    guard let path = ChildProcess.find("iperf3") else {
      throw MeasurementError(
        "iperf3 is not in PATH, and TCP and UDP streams are measured with it: install the package iperf3")
    }
    self.path = path
  }

  /// A server that serves one stream, listening.
  func serve(at address: IPAddress, in namespace: NetworkNamespace?) throws -> IperfServer {
    // A port that is free now; another may take it meanwhile: then the next is tried.
    for _ in 0..<4 {
      let port = try ListeningSocket(.stream, at: address, in: namespace).port
      var words = ["-s", "-1", "-p", "\(port)", "--forceflush"]
      if !address.isLinkLocal { words += ["-B", "\(address)"] }
      let process = try ChildProcess(path, words, in: namespace)
      let end = MonotonicClock.now() + 5_000_000_000
      while MonotonicClock.now() < end, process.read(milliseconds: 100) {
        if String(decoding: process.output, as: UTF8.self).contains("listening") {
          return IperfServer(port: port, process: process)
        }
      }
    }
    throw MeasurementError("iperf3 does not listen at \(address): try `iperf3 -s` there")
  }

  /// Runs a stream to a server, and says what it carried.
  ///
  /// - Parameter rate: UDP: bit/s; `nil`: all that it can.
  func run(
    _ transport: ThroughputResult.Transport, _ direction: LoadDirection, from source: LoadSource,
    to address: IPAddress, port: UInt16, seconds: Double, rate: Double?, _ control: LoadControl
  ) throws -> ThroughputResult {
    let process = try start(transport, direction, from: source, to: address, port: port, seconds, rate)
    let patience = MonotonicClock.now() + UInt64(seconds * 1e9) + 15_000_000_000
    while process.read(milliseconds: 20) {
      try control.check()
      if MonotonicClock.now() > patience {
        throw MeasurementError(
          "iperf3 to \(address) does not end: does the path lose its control connection?")
      }
    }
    _ = process.wait()
    return try IperfResult.read(process.output).result(transport, direction)
  }

  /// Has a TCP stream run while `body` does.
  ///
  /// - Parameter seconds: how long that takes at most.
  func beside<Value>(
    from source: LoadSource, to address: IPAddress, port: UInt16, seconds: Double, _ body: () throws -> Value
  ) throws -> Value {
    let process = try start(.tcp, .forward, from: source, to: address, port: port, seconds + 5, nil)
    defer { process.end() }
    let value = try body()
    guard process.read(milliseconds: 0) else {
      let result = try IperfResult.read(process.output).result(.tcp, .forward)
      throw MeasurementError("the stream beside which was measured ended after \(result.seconds) s")
    }
    return value
  }

  private func start(
    _ transport: ThroughputResult.Transport, _ direction: LoadDirection, from source: LoadSource,
    to address: IPAddress, port: UInt16, _ seconds: Double, _ rate: Double?
  ) throws -> ChildProcess {
    var words = ["-c", "\(address)", "-p", "\(port)", "-J", "--connect-timeout", "3000"]
    // It takes whole seconds.
    words += ["-t", "\(max(Int(seconds.rounded(.up)), 1))"]
    if let own = source.address, !own.isLinkLocal { words += ["-B", "\(own)"] }
    if direction == .reverse { words.append("-R") }
    if transport == .udp { words += ["-u", "-b", rate.map { "\(UInt64($0))" } ?? "0"] }
    return try ChildProcess(path, words, in: source.namespace)
  }
}

/// An iperf3 that waits for its one client.
final class IperfServer {
  let port: UInt16
  private let process: ChildProcess

  init(port: UInt16, process: ChildProcess) {
    self.port = port
    self.process = process
  }

  /// Ends it, where it still runs.
  func end() { process.end() }
}
