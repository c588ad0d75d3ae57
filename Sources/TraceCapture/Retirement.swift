import BPF
import NetworkAddresses
import TraceModel

/// Gives back what interfaces that are gone used: hook numbers and counting slots, so that a capture among containers
/// that come and go never runs out of either. Their counts stay.
struct Retirement {
  private struct Waiting {
    var mac: MACAddress?
    /// Whether all programs have ended that may have run at its hooks when it was attached.
    var isQuiet = false
  }

  private var waiting: [InterfaceID: Waiting] = [:]
  private let barrier = Result { () throws(BPFError) in try ProgramBarrier() }
  private var lastHarvest: UInt64 = 0
  /// What was taken out of the counting tables.
  private(set) var archive = CounterArchive()

  /// Nanoseconds between two harvests: each goes through the tables and waits some milliseconds.
  private static let interval: UInt64 = 1_000_000_000

  /// Whether an interface's number is still to be given back.
  var isPending: Bool { !waiting.isEmpty }

  /// An interface is gone: its links are closed, its filters ended with it.
  mutating func add(_ interface: InterfaceID, mac: MACAddress?) { waiting[interface] = Waiting(mac: mac) }

  /// An interface is attached again under the number that it had.
  mutating func cancel(_ interface: InterfaceID) { waiting[interface] = nil }

  /// Puts what was counted for an interface into the sum of those that left first.
  mutating func fold(_ interface: InterfaceID) { archive.fold(interface) }

  /// Takes the counts of those who are gone out of the tables, at most once a second.
  ///
  /// A number is given back when a later harvest finds nothing under it: so it is certain that no program counts there
  /// any more, also where an interface is gone from our sight alone and its filters run on.
  ///
  /// - Parameters:
  ///   - used: addresses that other interfaces have.
  ///   - now: nanoseconds of CLOCK_MONOTONIC.
  mutating func harvest(
    _ table: CounterTable, _ registry: inout HookRegistry, _ reader: RecordReader, used: Set<MACAddress>,
    at now: UInt64
  ) throws {
    guard !waiting.isEmpty, now >= lastHarvest + Self.interval else { return }
    lastHarvest = now
    let departures = waiting.map { interface, state in
      Departure(interface, mac: state.mac.flatMap { used.contains($0) ? nil : $0 })
    }
    let barrier = try barrier.get()
    let harvest = try table.harvest(
      departures, registry, mustWait: waiting.values.contains { !$0.isQuiet }
    ) { try barrier.wait() }
    for (interface, counters) in harvest.counters { archive.add(counters, of: interface) }
    archive.addOverflow(frames: harvest.overflowed.frames, bytes: harvest.overflowed.bytes)
    // Records that carry the numbers were made before the barrier.
    let isRead = reader.catchUp()
    for (interface, state) in waiting {
      if state.isQuiet, isRead, !harvest.found.contains(interface) {
        registry.release(interface)
        waiting[interface] = nil
      } else {
        waiting[interface]?.isQuiet = true
      }
    }
  }
}
