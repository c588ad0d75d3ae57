import Glibc

/// Ctrl-C, SIGTERM and SIGHUP, waited for instead of obeyed: what is attached is detached first.
enum StopSignal {
  private static var set: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, signal) }
    return set
  }

  /// Holds the signals back on this thread and on those that it starts. A reader that goes away is an error of
  /// the write, not a signal.
  static func hold() {
    var signals = set
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    ignoreClosedPipes()
  }

  /// Makes a reader that goes away an error of the write.
  static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

  /// Takes a signal that came; `nil` when none did.
  static func take() -> CInt? {
    var signals = set
    var none = timespec()
    let signal = sigtimedwait(&signals, nil, &none)
    return signal > 0 ? signal : nil
  }
}
