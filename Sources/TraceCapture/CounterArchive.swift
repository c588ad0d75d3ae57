import NetworkAddresses
package import TraceModel

/// What was counted for interfaces that are gone, out of the counting tables: their own counters, and those of other
/// interfaces under their addresses.
///
/// Bounded: beyond so many interfaces, or counters, those that left first are folded into one sum.
package struct CounterArchive: Sendable {
  private struct Entry {
    var interface: InterfaceID
    var counters: [Counter]
  }

  /// In the order in which they left; without counters those that were folded before others that left earlier.
  private var entries: [Entry] = []
  /// How many entries are gone: what to take off a position.
  private var first = 0
  private var positions: [InterfaceID: Int] = [:]
  private var counterCount = 0
  private let interfaceLimit: Int
  private let counterLimit: Int

  /// Those that left before all others.
  package private(set) var folded = FoldedCounters()
  /// Frames and octets that had found no room in the tables.
  private(set) var overflowed: (frames: UInt64, bytes: UInt64) = (0, 0)

  package init(interfaces: Int = 4096, counters: Int = 131_072) {
    interfaceLimit = interfaces
    counterLimit = counters
  }

  /// Keeps what was counted for an interface.
  package mutating func add(_ counters: [Counter], of interface: InterfaceID) {
    guard !counters.isEmpty else { return }
    if let position = positions[interface] {
      let index = position - first
      counterCount -= entries[index].counters.count
      entries[index].counters = Self.sum(entries[index].counters + counters)
      counterCount += entries[index].counters.count
    } else {
      positions[interface] = first + entries.count
      entries.append(Entry(interface: interface, counters: counters))
      counterCount += counters.count
    }
    while positions.count > interfaceLimit || counterCount > counterLimit, let oldest = entries.first {
      fold(oldest.interface)
    }
  }

  mutating func addOverflow(frames: UInt64, bytes: UInt64) {
    overflowed.frames += frames
    overflowed.bytes += bytes
  }

  /// Puts an interface's counters into the sum.
  package mutating func fold(_ interface: InterfaceID) {
    guard let position = positions.removeValue(forKey: interface) else { return }
    let counters = entries[position - first].counters
    entries[position - first].counters = []
    counterCount -= counters.count
    folded.interfaces += 1
    for counter in counters {
      folded.frames += counter.frames
      folded.bytes += counter.bytes
    }
    while let entry = entries.first, entry.counters.isEmpty {
      entries.removeFirst()
      first += 1
    }
  }

  /// One counter for each key.
  private static func sum(_ counters: [Counter]) -> [Counter] {
    var sums: [Counter: (frames: UInt64, bytes: UInt64)] = [:]
    for counter in counters {
      var key = counter
      (key.frames, key.bytes) = (0, 0)
      let sum = sums[key] ?? (0, 0)
      sums[key] = (sum.frames + counter.frames, sum.bytes + counter.bytes)
    }
    return sums.map { key, sum in
      var counter = key
      (counter.frames, counter.bytes) = sum
      return counter
    }
  }

  /// Adds all of it to sums, under the hook numbers that its interfaces have.
  ///
  /// - Returns: the numbers that stand for hooks which have none any more, beyond those of 16 bits.
  func add(to sums: inout CounterSums, _ registry: HookRegistry) -> [UInt32: Hook] {
    var numbers: [Hook: UInt32] = [:]
    for counter in entries.lazy.flatMap(\.counters) {
      let number: UInt32
      if let known = registry.number(counter.hook) {
        number = UInt32(known)
      } else {
        number = numbers[counter.hook] ?? UInt32(UInt16.max) + 1 + UInt32(numbers.count)
        numbers[counter.hook] = number
      }
      sums.add(CounterSums.Key(counter, hook: number), frames: counter.frames, bytes: counter.bytes)
    }
    return Dictionary(uniqueKeysWithValues: numbers.map { ($1, $0) })
  }
}
