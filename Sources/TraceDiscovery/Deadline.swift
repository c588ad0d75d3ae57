import Glibc

/// A moment on CLOCK_MONOTONIC by which something has to be done.
struct Deadline: Sendable {
  private let end: Int64

  /// So many milliseconds from now.
  init(milliseconds: Int32) { end = Self.now() + Int64(milliseconds) }

  /// The milliseconds that are left, never less than 0.
  var left: Int32 { Int32(clamping: max(0, end - Self.now())) }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
