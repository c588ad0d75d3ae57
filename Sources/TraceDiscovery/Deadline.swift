import LinuxNamespaces

/// A moment on CLOCK_MONOTONIC by which something has to be done.
struct Deadline: Sendable {
  private let end: UInt64

  /// So many milliseconds from now.
  init(milliseconds: Int32) { end = MonotonicClock.now() + UInt64(max(0, milliseconds)) * 1_000_000 }

  /// The milliseconds that are left, never less than 0.
  var left: Int32 {
    let now = MonotonicClock.now()
    return now < end ? Int32(clamping: (end - now + 999_999) / 1_000_000) : 0
  }
}
