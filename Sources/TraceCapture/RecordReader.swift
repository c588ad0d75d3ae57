package import BPF
import CMacvtraceABI
import Glibc
import LinuxNamespaces
import Synchronization
import SystemPackage
import TraceModel

/// Drains the ring buffer on a thread of its own, from time to time: programs wake nobody, so that the path of a frame
/// never pays for a reader.
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
  private let ring: RingBuffer
  /// While the thread runs; an octet in the pipe ends it.
  private let running = Mutex<(thread: BackgroundThread, end: FileDescriptor)?>(nil)

  /// Between two looks at the ring buffer, in milliseconds: waking up costs this process as much as all that it reads in a
  /// flood, and traffic on the same CPU a few microseconds. Where little is recorded each pause is twice as long as the one
  /// before, as far as the ring buffer takes what all CPUs may record in a second even if that comes between two looks.
  private let intervals: ClosedRange<Int32>
  /// Records that are so few.
  private static let little = 64
  /// Between two looks for a record that a program has not finished.
  private static let pause: UInt32 = 5000

  /// - Parameter retention: the most sightings that are kept, and the most entries of each other list.
  package init(ring: RingBuffer, retention: Int) {
    self.ring = ring
    intervals = 20...(ring.size >= CaptureOptions.roomForASecond(cpus: possibleCPUCount()) ? 160 : 20)
    state = Mutex(State(records: Records(retention: retention)))
  }

  func start() throws {
    let (ended, end) = try FileDescriptor.pipe()
    for descriptor in [ended, end] { _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC) }
    do {
      let thread = try BackgroundThread { [self] in
        var interval = intervals.lowerBound
        repeat {
          let isBusy = drain() > Self.little
          interval = isBusy ? intervals.lowerBound : min(2 * interval, intervals.upperBound)
        } while !Self.isWritten(ended, within: interval)
        drain()
        try? ended.close()
      }
      running.withLock { $0 = (thread, end) }
    } catch {
      for descriptor in [ended, end] { try? descriptor.close() }
      throw error
    }
  }

  private static func isWritten(_ pipe: FileDescriptor, within milliseconds: Int32) -> Bool {
    var wanted = pollfd(fd: pipe.rawValue, events: Int16(POLLIN), revents: 0)
    return poll(&wanted, 1, milliseconds) > 0
  }

  /// Ends the thread after a last look.
  func stop() {
    running.withLock { running in
      guard let (thread, end) = running.take() else { return }
      // Not by closing alone: a child of this process may hold a copy of it.
      _ = try? end.writeAll([0])
      try? end.close()
      thread.join()
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

  /// Returns how many records there were.
  @discardableResult
  private func drain() -> Int {
    state.withLock { state in ring.drain { state.take($0) } }
  }
}
