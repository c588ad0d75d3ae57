package import BPF
import CMacvtraceABI
import Glibc
import SystemPackage

/// The memory of the counting tables: a region for each CPU, one behind the other. See bpf/lib/count.h.
package struct CounterRegions: Sendable {
  /// The array that they are values of, or whose one value they are parts of.
  package let map: Map
  /// One for each possible CPU.
  let count: Int
  /// Counting slots in each.
  let slots: Int

  /// Octets of one.
  var size: Int { Self.size(slots: slots) }

  /// Whether all are one value, whose address programs know; else each is one, under its CPU's number.
  var areOneValue: Bool { map.valueSize == count * size }

  /// How a key finds its slot.
  private let hash: CounterHash

  /// What programs find a region by, and a key's slot in it.
  var table: mvt_table {
    mvt_table(hash: hash.parameters, stride: areOneValue ? UInt32(size) : 0, regions: UInt32(count))
  }

  /// The same, as it is written into the programs of ordinary frames, which have no inner VLAN. See bpf/lib/written.h.
  var constants: [(mvt_placeholder, Int64)] {
    let table = table
    return [
      (MVT_STRIDE_PLACEHOLDER, Int64(table.stride)),
      (MVT_REGION_COUNT_PLACEHOLDER, Int64(table.regions)),
      (MVT_FIRST_MULTIPLIER_PLACEHOLDER, Int64(bitPattern: table.hash.multipliers.0)),
      (MVT_SECOND_MULTIPLIER_PLACEHOLDER, Int64(bitPattern: table.hash.multipliers.1)),
      (MVT_SHIFT_PLACEHOLDER, Int64(table.hash.shift)),
      (MVT_MASK_PLACEHOLDER, Int64(table.hash.mask)),
    ]
  }

  /// Makes them, all in one value where the kernel takes one of that size.
  ///
  /// - Parameters:
  ///   - count: of CPUs.
  ///   - slots: in each, a power of two.
  ///   - exactly: whether they must not be fewer.
  ///   - largest: octets of a value at most, lest the kernel refuses it.
  init(count: Int, slots: Int, exactly: Bool, largest: Int = Self.largestValue) throws(BPFError) {
    self.count = count
    (map, self.slots) = try Self.make(count, slots, exactly, largest)
    hash = CounterHash(slots: self.slots)
  }

  private static func make(_ count: Int, _ slots: Int, _ exactly: Bool, _ largest: Int) throws(BPFError) -> (
    Map, slots: Int
  ) {
    if count * size(slots: slots) <= largest {
      do {
        return (try array(of: 1, size: count * size(slots: slots)), slots)
      } catch  where error.errno == tooLarge {}
    }
    // Before Linux 6.0 or so a value has 4 MiB at most: a region of half as many slots has room there.
    do {
      return (try array(of: count, size: size(slots: slots)), slots)
    } catch  where error.errno == tooLarge && !exactly {
      return (try array(of: count, size: size(slots: slots / 2)), slots / 2)
    }
  }

  private static func array(of entries: Int, size: Int) throws(BPFError) -> Map {
    try Map.mappableArray(of: entries, valueSize: size, name: mapName)
  }

  private static func size(slots: Int) -> Int {
    MemoryLayout<mvt_region>.size + slots * MemoryLayout<mvt_counter>.size
  }

  /// The verifier lets no program reach farther into a value (BPF_MAX_VAR_OFF in include/linux/bpf_verifier.h).
  private static let largestValue = 1 << 29 - 1

  private static let tooLarge = Errno(rawValue: E2BIG)

  /// What it is called in the object and in the kernel.
  static let mapName = "counters"
}
