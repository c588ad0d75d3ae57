import LinuxNamespaces
import Synchronization

/// Looks for the namespaces that nothing but a thread or a descriptor holds, on a thread of its own: that reads two
/// directories of every process, and no news has to wait for it.
final class HolderSearch: Sendable {
  private struct State {
    /// Higher with every search that has ended.
    var edition = 0
    var found: [FoundNamespace] = []
    /// Nanoseconds that the last one took.
    var duration: UInt64 = 0
    var isRunning = false
    var isWantedAgain = false
    var thread: BackgroundThread?
  }

  private final class Shared: Sendable {
    let state = Mutex(State())

    func run() {
      var goesOn = true
      while goesOn {
        let start = MonotonicClock.now()
        let found = NamespaceScan().namespaces
        goesOn = state.withLock { state in
          state.edition += 1
          state.found = found
          state.duration = MonotonicClock.now() - start
          state.isRunning = state.isWantedAgain
          state.isWantedAgain = false
          return state.isRunning
        }
      }
    }
  }

  private let shared = Shared()

  /// Which search was the last one, what it found, and how many nanoseconds it took.
  var latest: (edition: Int, found: [FoundNamespace], duration: UInt64) {
    shared.state.withLock { ($0.edition, $0.found, $0.duration) }
  }

  /// Has a search begin, or another one follow the one that runs.
  func ask() {
    shared.state.withLock { state in
      if state.isRunning {
        state.isWantedAgain = true
        return
      }
      state.thread?.join()
      // The thread holds what it writes alone, so that it does not keep this alive.
      state.thread = try? BackgroundThread { [shared] in shared.run() }
      state.isRunning = state.thread != nil
    }
  }

  deinit {
    shared.state.withLock { $0.isWantedAgain = false }
    let thread = shared.state.withLock { $0.thread.take() }
    thread?.join()
  }
}
