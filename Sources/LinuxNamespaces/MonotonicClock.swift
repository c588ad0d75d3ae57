import Glibc

/// CLOCK_MONOTONIC, which `bpf_ktime_get_ns` reads too: the clock of everything that is observed.
public enum MonotonicClock {
  /// The time, in nanoseconds.
  public static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
