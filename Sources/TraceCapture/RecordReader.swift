package import BPF
import CMacvtraceABI
import Glibc
import LinuxNamespaces
import Synchronization
import TraceModel

/// Drains the ring buffer on a thread of its own, a few milliseconds apart: programs wake nobody, so that the path
/// of a frame never pays for a reader.
package final class RecordReader: Sendable {
  private struct State {
    var registry = HookRegistry()
    var records: Records

    mutating func take(_ bytes: UnsafeRawBufferPointer) {
      switch RecordDecoder.kind(bytes) {
      case MVT_SIGHTING:
        if let sighting = RecordDecoder.sighting(bytes, registry) { return records.append(sighting) }
      case MVT_DROP:
        if let drop = RecordDecoder.drop(bytes) { return records.append(drop) }
      case MVT_NEIGHBOR:
        if let event = RecordDecoder.neighborEvent(bytes) { return records.append(event) }
      default: break
      }
      records.malformed += 1
    }
  }

  private let state: Mutex<State>
  private let stopping = Atomic(false)
  private let ring: RingBuffer
  private let thread = Mutex<BackgroundThread?>(nil)

  /// Between two looks at the ring buffer, in microseconds. Waking up costs this process as much as all that it reads in a
  /// flood; the ring buffer takes what a CPU may record in a second even if that comes between two looks.
  private static let interval: UInt32 = 20_000
  /// Between two looks for a record that a program has not finished.
  private static let pause: UInt32 = 5000

  /// - Parameter retention: the most sightings that are kept, and the most entries of each other list.
  package init(ring: RingBuffer, retention: Int) {
    self.ring = ring
    state = Mutex(State(records: Records(retention: retention)))
  }

  func start() throws {
    let started = try BackgroundThread { [self] in
      while !stopping.load(ordering: .acquiring) {
        drain()
        usleep(Self.interval)
      }
      drain()
    }
    thread.withLock { $0 = started }
  }

  /// Ends the thread after a last look.
  func stop() {
    stopping.store(true, ordering: .releasing)
    thread.withLock { thread in
      thread?.join()
      thread = nil
    }
  }

  /// Makes hook numbers known before their programs are attached.
  package func use(_ registry: HookRegistry) {
    state.withLock { $0.registry = registry }
  }

  /// A copy of what was recorded so far.
  package func records() -> Records {
    state.withLock { $0.records }
  }

  /// Takes over all that was recorded before the call, but for what a program holds unfinished for long.
  ///
  /// - Returns: whether nothing of it is left.
  package func catchUp() -> Bool {
    let end = ring.produced
    for _ in 0..<Self.attempts {
      drain()
      if ring.consumed >= end { return true }
      usleep(Self.pause)
    }
    return false
  }

  private static let attempts = 4

  private func drain() {
    state.withLock { state in
      _ = ring.drain { state.take($0) }
    }
  }
}
