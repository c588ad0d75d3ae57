import CMacvtraceABI
import NetworkAddresses
import TraceModel

/// Adds counts up by their key: those of all CPUs, and those that were taken out of the tables before.
///
/// An open-addressing table as the programs have one: a `Dictionary` takes several times as long, once a second, for the
/// 100,000 keys of a large segment.
struct CounterSums {
  /// What frames are counted by. VLANs as in `struct mvt_counter`.
  struct Key: Equatable {
    var source: MACAddress
    var destination: MACAddress
    var outerVLAN: UInt16
    var innerVLAN: UInt16
    /// A hook's number, or a greater one for a hook that has none any more.
    var hook: UInt32

    fileprivate var tags: UInt64 { UInt64(outerVLAN) << 48 | UInt64(innerVLAN) << 32 | UInt64(hook) }
  }

  /// What was counted under a key.
  struct Sum {
    let key: Key
    var frames: UInt64
    var bytes: UInt64
  }

  /// In the order in which their keys came first.
  private(set) var sums: [Sum] = []
  /// Indices of `sums`; -1 is free. At least twice as many, a power of two.
  private var table = [Int32](repeating: -1, count: 1024)
  /// Odd and random: no sender can choose addresses that collide.
  private let multipliers = (UInt64.random(in: 0 ... .max) | 1, UInt64.random(in: 0 ... .max) | 1)

  /// Adds to what was counted under a key.
  mutating func add(_ key: Key, frames: UInt64, bytes: UInt64) {
    if sums.count * 2 >= table.count { grow() }
    let place = place(of: key)
    if table[place] < 0 {
      table[place] = Int32(truncatingIfNeeded: sums.count)
      sums.append(Sum(key: key, frames: frames, bytes: bytes))
    } else {
      sums[Int(table[place])].frames &+= frames
      sums[Int(table[place])].bytes &+= bytes
    }
  }

  /// Where a key is, or is to be.
  private func place(of key: Key) -> Int {
    let mixed =
      (key.source.rawValue ^ key.tags &* 0x9e37_79b9_7f4a_7c15) &* multipliers.0
      &+ (key.destination.rawValue ^ key.tags >> 16) &* multipliers.1
    var place = Int(truncatingIfNeeded: mixed >> UInt64(64 - table.count.trailingZeroBitCount))
    while table[place] >= 0, sums[Int(table[place])].key != key { place = (place + 1) & (table.count - 1) }
    return place
  }

  private mutating func grow() {
    table = [Int32](repeating: -1, count: table.count * 4)
    for (index, sum) in sums.enumerated() { table[place(of: sum.key)] = Int32(truncatingIfNeeded: index) }
  }
}

extension CounterSums.Key {
  /// What a counter counts by.
  init(_ counter: Counter, hook: UInt32) {
    let bits = { (vlan: VLANID?) in vlan.map { $0.rawValue | UInt16(MVT_VLAN_PRESENT.rawValue) } ?? 0 }
    let service = counter.vlanProtocol == .ieee8021ad ? UInt16(MVT_VLAN_SERVICE.rawValue) : 0
    self.init(
      source: counter.source, destination: counter.destination, outerVLAN: bits(counter.vlan) | service,
      innerVLAN: bits(counter.innerVLAN), hook: hook)
  }
}

extension Counter {
  /// What was counted at a hook.
  init(_ sum: CounterSums.Sum, at hook: Hook) {
    let vlan = { (bits: UInt16) in
      UInt32(bits) & MVT_VLAN_PRESENT.rawValue == 0 ? nil : VLANID(tagControlInformation: bits)
    }
    self.init(
      interface: hook.interface, direction: hook.direction, vlan: vlan(sum.key.outerVLAN),
      vlanProtocol: UInt32(sum.key.outerVLAN) & MVT_VLAN_SERVICE.rawValue == 0 ? .ieee8021Q : .ieee8021ad,
      innerVLAN: vlan(sum.key.innerVLAN), source: sum.key.source, destination: sum.key.destination,
      frames: sum.frames, bytes: sum.bytes)
  }
}
