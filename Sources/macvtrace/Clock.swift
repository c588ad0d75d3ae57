import Glibc
import LinuxNamespaces
import TraceModel

/// The two clocks of a report.
struct Instant {
  /// Nanoseconds of CLOCK_MONOTONIC: the clock of the sightings.
  let monotonic: UInt64
  /// RFC 3339 with nanoseconds, UTC.
  let timestamp: String

  static func now() -> Instant {
    let monotonic = MonotonicClock.now()
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var parts = tm()
    gmtime_r(&time.tv_sec, &parts)
    let padded = { (value: Int, width: Int) in
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let day = [(Int(parts.tm_year) + 1900, 4), (Int(parts.tm_mon) + 1, 2), (Int(parts.tm_mday), 2)]
    let hour = [(Int(parts.tm_hour), 2), (Int(parts.tm_min), 2), (Int(parts.tm_sec), 2)]
    let join = { (fields: [(Int, Int)], separator: String) in
      fields.map { padded($0.0, $0.1) }.joined(separator: separator)
    }
    return Instant(
      monotonic: monotonic,
      timestamp: "\(join(day, "-"))T\(join(hour, ":")).\(padded(Int(time.tv_nsec), 9))Z")
  }

  /// The window from this instant to a later one.
  func window(to end: Instant) -> ObservationWindow {
    ObservationWindow(
      start: timestamp, end: end.timestamp, seconds: Double(end.monotonic - monotonic) / 1e9,
      monotonicStart: monotonic, monotonicEnd: end.monotonic)
  }
}
