import BPF
import CMacvtraceABI
import Glibc
import LinuxNamespaces
import Synchronization
import TraceModel

/// What was recorded so far.
struct Records {
  var sightings: [Sighting] = []
  var drops: [(record: mvt_drop, frame: Frame?)] = []
  var neighborEvents: [NeighborEvent] = []
  var malformed: UInt64 = 0
  /// Sightings that were recorded and had to make room for later ones.
  var forgotten: UInt64 = 0
}

/// Drains the ring buffer on a thread of its own, a few milliseconds apart: programs wake nobody, so that the path
/// of a frame never pays for a reader.
final class RecordReader: Sendable {
  private struct State {
    var registry = HookRegistry()
    var records = Records()
  }

  private let state = Mutex(State())
  private let stopping = Atomic(false)
  private let ring: RingBuffer
  private let retention: Int
  private let thread = Mutex<BackgroundThread?>(nil)

  /// Between two looks at the ring buffer, in microseconds. At the default budget a look finds at most some 100
  /// records for each CPU.
  private static let interval: UInt32 = 5000

  init(ring: RingBuffer, retention: Int) {
    self.ring = ring
    self.retention = retention
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
  func use(_ registry: HookRegistry) {
    state.withLock { $0.registry = registry }
  }

  /// A copy of what was recorded so far.
  func records() -> Records {
    state.withLock { $0.records }
  }

  private func drain() {
    state.withLock { state in
      ring.drain { bytes in
        switch RecordDecoder.decode(bytes, state.registry) {
        case .sighting(let sighting): state.records.sightings.append(sighting)
        case .drop(let record, let frame): state.records.drops.append((record, frame))
        case .neighbor(let event): state.records.neighborEvents.append(event)
        case nil: state.records.malformed += 1
        }
      }
      forget(&state.records)
    }
  }

  /// Keeps memory bounded over days: a quarter at once, so that the cost is spread.
  private func forget(_ records: inout Records) {
    func trim<Element>(_ list: inout [Element]) {
      guard list.count > retention else { return }
      let count = list.count - retention * 3 / 4
      list.removeFirst(count)
      records.forgotten += UInt64(count)
    }
    var sightings = records.sightings
    records.sightings = []
    trim(&sightings)
    records.sightings = sightings
    var drops = records.drops
    records.drops = []
    trim(&drops)
    records.drops = drops
    var events = records.neighborEvents
    records.neighborEvents = []
    trim(&events)
    records.neighborEvents = events
  }
}
