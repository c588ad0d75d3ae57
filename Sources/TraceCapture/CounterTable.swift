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
  private let slots: MappedArray
  private let count: Int
  private let overflows: TypedMap<UInt32, mvt_overflow>

  package init(counters: Map, overflows: Map) throws(BPFError) {
    slots = try counters.mapped()
    count = counters.maxEntries * counters.valueSize / MemoryLayout<mvt_counter>.size
    self.overflows = try TypedMap(overflows)
  }

  private struct Key: Hashable {
    var addresses: UInt64
    var addressesVLANHook: UInt64
    var innerVLAN: UInt16
  }

  private static let frameBits: UInt64 = 48

  /// Every key's counter, summed over the CPUs.
  package func read(_ registry: HookRegistry) -> CounterReading {
    var sums: [Key: (slot: mvt_counter, frames: UInt64, bytes: UInt64)] = [:]
    let bytes = UnsafeRawBufferPointer(slots.bytes)
    for index in 0..<count {
      // The second word holds the hook, which is 0 in a free slot.
      let second = bytes.load(fromByteOffset: index * 32 + 8, as: UInt64.self)
      guard second != 0 else { continue }
      let slot = bytes.load(fromByteOffset: index * 32, as: mvt_counter.self)
      let key = Key(
        addresses: bytes.load(fromByteOffset: index * 32, as: UInt64.self), addressesVLANHook: second,
        innerVLAN: UInt16(truncatingIfNeeded: slot.inner_vlan_frames >> Self.frameBits))
      let frames = slot.inner_vlan_frames & (1 << Self.frameBits - 1)
      if let sum = sums[key] {
        sums[key] = (slot, sum.frames + frames, sum.bytes + slot.bytes)
      } else {
        sums[key] = (slot, frames, slot.bytes)
      }
    }
    var unknown: UInt64 = 0
    let counters = sums.compactMap { key, sum -> Counter? in
      guard let hook = registry.hook(sum.slot.hook) else {
        unknown += sum.frames
        return nil
      }
      return Counter(
        interface: hook.interface, direction: hook.direction, vlan: Self.vlan(sum.slot.outer_vlan),
        vlanProtocol: Self.isService(sum.slot.outer_vlan) ? .ieee8021ad : .ieee8021Q,
        innerVLAN: Self.vlan(key.innerVLAN), source: MACAddress(sum.slot.source),
        destination: MACAddress(sum.slot.destination), frames: sum.frames, bytes: sum.bytes)
    }
    let sorted = counters.sorted {
      ($1.frames, $0.interface, $0.source, $0.destination) < (
        $0.frames, $1.interface, $1.source, $1.destination
      )
    }
    return CounterReading(counters: sorted, framesAtUnknownHooks: unknown)
  }

  private static func vlan(_ bits: UInt16) -> VLANID? {
    Int(bits) & Int(MVT_VLAN_PRESENT.rawValue) == 0 ? nil : VLANID(tagControlInformation: bits)
  }

  private static func isService(_ bits: UInt16) -> Bool { Int(bits) & Int(MVT_VLAN_SERVICE.rawValue) != 0 }

  /// Frames and octets that found no room in the tables, by hook.
  func readOverflows(_ registry: HookRegistry) throws(BPFError) -> [Hook: (frames: UInt64, bytes: UInt64)] {
    var sums: [Hook: (frames: UInt64, bytes: UInt64)] = [:]
    for entry in try overflows.entries() {
      guard let hook = registry.hook(UInt16(truncatingIfNeeded: entry.key)) else { continue }
      sums[hook] = entry.values.reduce(into: (0, 0)) { sum, value in
        sum.0 += value.frames
        sum.1 += value.bytes
      }
    }
    return sums
  }
}
