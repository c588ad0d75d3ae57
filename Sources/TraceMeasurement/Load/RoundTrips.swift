import CLinux
import Glibc
import LinuxNamespaces
import NetworkAddresses
import TraceModel

/// Round trips of small datagrams, one after the other.
struct RoundTrips {
  /// The octets of a datagram's payload.
  static let payload: UInt32 = 22
  /// Milliseconds after which an echo counts as lost.
  static let patience: UInt32 = 200
  /// The parts of the time for which a timeline has points.
  private static let slices = 50

  private let socket: ConnectedSocket
  private let address: IPAddress
  private var number: UInt64 = 0

  init(from source: LoadSource, to address: IPAddress, port: UInt16) throws {
    self.address = address
    socket = try ConnectedSocket(
      .datagram, from: source, to: address, port: port, patience: Self.patience)
  }

  /// Waits until one comes back, which takes what neighbors take to be found.
  ///
  /// - Returns: whether one did.
  mutating func reach(_ control: LoadControl, seconds: Double = 3) throws -> Bool {
    let end = MonotonicClock.now() + UInt64(seconds * 1e9)
    while MonotonicClock.now() < end {
      if try next() != nil { return true }
      try control.check()
      // Nobody listens there, or the sender's own kernel refuses: that comes at once.
      usleep(20_000)
    }
    return false
  }

  /// One round trip, in nanoseconds; `nil` where nothing came back in time.
  mutating func next() throws -> UInt64? {
    number += 1
    let time = clinux_round_trip(socket.descriptor, Self.payload, number)
    return time < 0 ? nil : UInt64(time)
  }

  /// Measures for a while.
  ///
  /// - Parameter interval: nanoseconds between two; 0: one after the other.
  mutating func measure(
    _ condition: LatencyResult.Condition, seconds: Double, interval: UInt64 = 0, _ control: LoadControl
  ) throws -> LatencyResult {
    var whole = LatencyHistogram()
    var timeline = LatencyTimeline(seconds: seconds, slices: Self.slices)
    var last: UInt64?
    var differences = 0.0
    var pairs: UInt64 = 0
    var sent: UInt64 = 0
    let start = MonotonicClock.now()
    let end = start + UInt64(seconds * 1e9)
    var check = start
    while true {
      let now = MonotonicClock.now()
      guard now < end else { break }
      if now >= check {
        try control.check()
        check = now + 20_000_000
      }
      sent += 1
      let time = try next()
      if let time {
        whole.record(time)
        timeline.record(time, at: Double(now - start) / 1e9)
        if let last {
          differences += Double(max(time, last) - min(time, last))
          pairs += 1
        }
      }
      last = time
      if interval > 0 { usleep(UInt32(interval / 1000)) }
    }
    guard
      let result = LatencyResult(
        condition, whole, seconds: seconds, sent: sent, lost: sent - whole.total,
        frameOctets: Int(Self.payload) + FrameSender.headers(address),
        jitter: pairs > 0 ? differences / Double(pairs) / 1000 : 0, timeline: timeline.points)
    else {
      throw MeasurementError("none of \(sent) datagrams came back from \(address) (\(condition.rawValue))")
    }
    return result
  }
}
