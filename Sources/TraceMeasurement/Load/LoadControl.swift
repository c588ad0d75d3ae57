import Glibc
import LinuxNamespaces

/// How a measurement is told to stop, and tells how far it is.
public struct LoadControl {
  private let isStopped: () -> Bool
  private let say: (String) -> Void

  /// - Parameters:
  ///   - isStopped: whether somebody wants the results so far; asked some fifty times a second.
  ///   - say: tells a person what runs now, in half a line.
  public init(isStopped: @escaping () -> Bool, say: @escaping (String) -> Void) {
    self.isStopped = isStopped
    self.say = say
  }

  /// Tells a person what runs now.
  func progress(_ text: String) { say(text) }

  /// Ends the measurement where that is wanted.
  func check() throws { if isStopped() { throw Interruption() } }

  /// Waits at most 20 ms, not beyond that time of CLOCK_MONOTONIC; whether somebody wants the results so far.
  func pause(until end: UInt64) -> Bool {
    let now = MonotonicClock.now()
    if end > now { usleep(UInt32(min(end - now, 20_000_000) / 1000)) }
    return isStopped()
  }
}
