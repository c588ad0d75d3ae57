import LinuxNamespaces
import NetworkAddresses
public import TraceModel

/// Runs loads from a source to a far end.
public final class LoadRunner {
  private let source: LoadSource
  private let far: any FarEnd
  private let iperf: Iperf
  private let options: MeasurementOptions
  private let control: LoadControl
  private let softirq = SoftirqTime()

  /// How long a trial of the search for the loss-free rate lasts at least, in seconds.
  private static let shortestTrial = 0.2

  /// Prepares; nothing is sent.
  public init(
    from source: LoadSource, to far: any FarEnd, _ iperf: Iperf, _ options: MeasurementOptions,
    _ control: LoadControl
  ) {
    self.source = source
    self.far = far
    self.iperf = iperf
    self.options = options
    self.control = control
  }

  /// Finds out that the two reach one another, both ways.
  ///
  /// - Throws: `MeasurementError` where they do not.
  public func checkReach(_ from: String, _ to: String) throws {
    var trips = try RoundTrips(from: source, to: far.address, port: try far.echoPort())
    let isReached: Bool
    do {
      isReached = try trips.reach(control)
    } catch is Interruption {
      throw MeasurementError("interrupted before anything was measured")
    }
    guard isReached else {
      throw MeasurementError(
        "\(from) does not reach \(to) (\(far.address)): no UDP datagram came back within 3 s; "
          + "`macvtrace explain --from \(from) \(to)` says why")
    }
  }

  /// Runs one load and adds what it gave.
  func run(_ load: Load, into round: inout MeasuredRound) throws {
    switch load {
    case .stream(let transport, let direction):
      round.throughput.append(try stream(transport, direction))
    case .idleLatency:
      var trips = try RoundTrips(from: source, to: far.address, port: try far.echoPort())
      _ = try trips.reach(control)
      round.latency.append(try trips.measure(.idle, seconds: options.seconds, control))
    case .loadedLatency: round.latency.append(try loadedLatency())
    case .frames(let size, let search): round.frameRates.append(try frames(size, search: search))
    }
  }

  /// Some round trips, a millisecond apart, for those who watch.
  public func paceRoundTrips(seconds: Double) throws {
    var trips = try RoundTrips(from: source, to: far.address, port: try far.echoPort())
    _ = try trips.reach(control)
    _ = try trips.measure(.idle, seconds: seconds, interval: 1_000_000, control)
  }

  /// As many frames of a size as the sender can, for those who watch.
  public func flood(size: Int) throws { _ = try trial(size, rate: nil, seconds: options.seconds) }

  private func stream(_ transport: ThroughputResult.Transport, _ direction: LoadDirection) throws
    -> ThroughputResult
  {
    try iperf.run(
      transport, direction, from: source, to: far.address, port: try far.streamPort(),
      seconds: options.seconds, rate: transport == .udp ? options.bitsPerSecond : nil, control)
  }

  private func loadedLatency() throws -> LatencyResult {
    var trips = try RoundTrips(from: source, to: far.address, port: try far.echoPort())
    _ = try trips.reach(control)
    return try iperf.beside(
      from: source, to: far.address, port: try far.streamPort(), seconds: options.seconds
    ) {
      // Until the stream is at its speed.
      let begin = MonotonicClock.now() + 300_000_000
      while MonotonicClock.now() < begin { if control.pause(until: begin) { throw Interruption() } }
      return try trips.measure(.loaded, seconds: options.seconds, control)
    }
  }

  private func frames(_ size: Int, search isSearched: Bool) throws -> FrameRateResult {
    let wanted = options.bitsPerSecond.map { $0 / 8 / Double(size) }
    let softirqBefore = softirq.now()
    let (flood, cpu) = try trial(size, rate: wanted, seconds: options.seconds)
    let softirqTime = softirq.now() - min(softirqBefore, softirq.now())
    var result = FrameRateResult(size: size, flood: flood)
    if flood.sent > 0 {
      result.cpuNanoseconds = Double(cpu + softirqTime) / Double(flood.sent)
    }
    guard isSearched else { return result }
    var search = RateSearch(after: flood)
    while case .try(let rate) = search.next {
      let (trial, _) = try trial(size, rate: rate, seconds: max(options.seconds / 4, Self.shortestTrial))
      search.note(trial)
    }
    result.trials = search.trials
    result.lossFree = search.result?.rate
    result.limit = search.result?.limit
    return result
  }

  private func trial(_ size: Int, rate: Double?, seconds: Double) throws -> (FrameTrial, UInt64) {
    let port = try far.beginReceiving()
    let sent: LoadCount
    do {
      sent = try FrameSender.send(
        from: source, to: far.address, port: port, size: size, rate: rate, seconds: seconds, control)
    } catch {
      _ = try? far.endReceiving()
      throw error
    }
    let received = try far.endReceiving()
    var trial = FrameTrial(
      wanted: rate, sent: sent.frames, received: min(received.frames, sent.frames),
      seconds: Double(sent.nanoseconds) / 1e9)
    if sent.nanoseconds > 0 {
      trial.senderRan = min(Double(sent.cpuNanoseconds) / Double(sent.nanoseconds), 1)
    }
    return (trial, sent.cpuNanoseconds + received.cpuNanoseconds)
  }
}
