package import BPF
import CMacvtraceABI
import NetworkAddresses
package import TraceModel

/// What the counting tables hold.
package struct CounterReading {
  /// The counters of every key, largest first.
  package var counters: [Counter]
  /// Frames at hooks that belong to no observed interface.
  package var framesAtUnknownHooks: UInt64
}

/// Reads the counting tables of all CPUs while programs write them, and adds them up.
package struct CounterTable {
  private let regions: MappedArray
  private let regionCount: Int
  private let regionSize: Int
  private let overflows: TypedMap<UInt32, mvt_overflow>

  package init(counters: CounterRegions, overflows: Map) throws(BPFError) {
    regions = try counters.map.mapped(writable: true)
    regionCount = counters.count
    regionSize = counters.size
    self.overflows = try TypedMap(overflows)
  }

  private static let slotSize = MemoryLayout<mvt_counter>.size

  private static let frameBits: UInt64 = 48
  // Where the words of a slot begin, and its hook.
  private enum Offset {
    static let addresses = 0
    static let addressesVLANHook = 8
    static let hook = 14
    static let innerVLANFrames = 16
    static let bytes = 24
  }

  /// Hands `body` the offset and the hook of every slot that is not free.
  func forEachSlot(_ body: (_ offset: Int, _ hook: UInt16) -> Void) {
    for region in 0..<regionCount {
      let (start, end) = (region * regionSize, (region + 1) * regionSize)
      for offset in stride(from: start + MemoryLayout<mvt_region>.size, to: end, by: Self.slotSize) {
        let hook = regions.bytes.load(fromByteOffset: offset + Offset.hook, as: UInt16.self)
        if hook != 0 { body(offset, hook) }
      }
    }
  }

  /// Frames that no class wanted and the hash did not select, on all CPUs.
  func sampledOut() -> UInt64 {
    (0..<regionCount).reduce(0) {
      $0 + regions.bytes.load(fromByteOffset: $1 * regionSize, as: mvt_current.self).sampled_out
    }
  }

  /// What the slot at an offset holds.
  func slot(at offset: Int) -> mvt_counter {
    regions.bytes.load(fromByteOffset: offset, as: mvt_counter.self)
  }

  /// Adds what a slot holds to the sums, under a hook.
  func add(_ offset: Int, hook: UInt16, to sums: inout CounterSums) {
    let slot = slot(at: offset)
    sums.add(
      CounterSums.Key(
        source: MACAddress(slot.source), destination: MACAddress(slot.destination),
        outerVLAN: slot.outer_vlan & ~UInt16(MVT_VLAN_DOUBLE.rawValue),
        innerVLAN: UInt16(truncatingIfNeeded: slot.inner_vlan_frames >> Self.frameBits), hook: UInt32(hook)),
      frames: slot.inner_vlan_frames & (1 << Self.frameBits - 1), bytes: slot.bytes)
  }

  /// Gives a slot that is not free another hook.
  func setHook(_ hook: UInt16, at offset: Int) {
    regions.bytes.storeBytes(of: hook, toByteOffset: offset + Offset.hook, as: UInt16.self)
  }

  /// Empties a slot that nobody else writes, and lets programs claim it.
  func free(_ offset: Int) {
    for word in [Offset.addresses, Offset.innerVLANFrames, Offset.bytes] {
      regions.bytes.storeBytes(of: 0, toByteOffset: offset + word, as: UInt64.self)
    }
    regions.storeRelease(0, at: offset + Offset.addressesVLANHook)
  }

  /// Every key's counter, summed over the CPUs, and what was taken out of the tables before.
  package func read(_ registry: HookRegistry, _ archive: CounterArchive = CounterArchive()) -> CounterReading
  {
    var sums = CounterSums()
    forEachSlot { add($0, hook: $1, to: &sums) }
    let numbers = archive.add(to: &sums, registry)
    var unknown: UInt64 = 0
    var counters: [Counter] = []
    counters.reserveCapacity(sums.sums.count)
    for sum in sums.sums {
      if let hook = UInt16(exactly: sum.key.hook).map(registry.hook) ?? numbers[sum.key.hook] {
        counters.append(Counter(sum, at: hook))
      } else {
        unknown += sum.frames
      }
    }
    counters.sort {
      ($1.frames, $0.interface, $0.source, $0.destination) < (
        $0.frames, $1.interface, $1.source, $1.destination
      )
    }
    return CounterReading(counters: counters, framesAtUnknownHooks: unknown)
  }

  /// Frames and octets that found no room in the tables, by hook.
  func readOverflows(_ registry: HookRegistry) throws(BPFError) -> [Hook: (frames: UInt64, bytes: UInt64)] {
    var sums: [Hook: (frames: UInt64, bytes: UInt64)] = [:]
    for entry in try overflows.entries() {
      guard let hook = registry.hook(UInt16(truncatingIfNeeded: entry.key)) else { continue }
      sums[hook] = Self.sum(entry.values)
    }
    return sums
  }

  /// Forgets those of a hook.
  func deleteOverflow(_ hook: UInt16) throws(BPFError) { try overflows.delete(UInt32(hook)) }

  private static func sum(_ values: [mvt_overflow]) -> (frames: UInt64, bytes: UInt64) {
    values.reduce(into: (0, 0)) { sum, value in
      sum.0 += value.frames
      sum.1 += value.bytes
    }
  }
}
