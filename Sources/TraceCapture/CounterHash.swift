import CMacvtraceABI

/// How the counting programs find the slot of a key: by two random numbers, so that no sender can know which addresses
/// meet in a slot, and a third for inner VLANs.
struct CounterHash: Equatable {
  /// Odd.
  let multipliers: InlineArray<3, UInt64>

  /// The binary logarithm of the slots.
  private let bits: Int

  static func == (one: CounterHash, other: CounterHash) -> Bool {
    one.bits == other.bits && (0..<3).allSatisfy { one.multipliers[$0] == other.multipliers[$0] }
  }

  /// Draws numbers that spread addresses evenly which are given out in turn, as Docker and every vendor do: with one
  /// draw of several those would meet in few slots (multiply-shift hashing promises only an average over all draws).
  ///
  /// - Parameters:
  ///   - slots: of one CPU, a power of two.
  ///   - generator: where the numbers come from.
  init(slots: Int, using generator: inout some RandomNumberGenerator) {
    var hash = CounterHash(drawing: slots, &generator)
    for _ in 0..<Self.draws where !hash.isEven { hash = CounterHash(drawing: slots, &generator) }
    self = hash
  }

  /// The same with the system's random numbers.
  init(slots: Int) {
    var generator = SystemRandomNumberGenerator()
    self.init(slots: slots, using: &generator)
  }

  private init(drawing slots: Int, _ generator: inout some RandomNumberGenerator) {
    multipliers = InlineArray { _ in UInt64.random(in: .min ... .max, using: &generator) | 1 }
    bits = slots.trailingZeroBitCount
  }

  /// Every second draw is even (simulated): so many are enough.
  private static let draws = 64

  /// The slot where the search for a key begins.
  func home(_ key: Key) -> Int {
    Int(mvt_counter_hash(key.addresses, key.rest, multipliers[0], multipliers[1]) >> UInt64(64 - bits))
  }

  /// The first 16 octets of a slot, as numbers.
  struct Key {
    /// The destination, and the first two octets of the source.
    var addresses: UInt64
    /// The last four octets of the source, the outer VLAN, the hook.
    var rest: UInt64
  }

  /// The keys of stations whose addresses differ in their last octets, counted up: as senders, as receivers, and both.
  static let patterns: [@Sendable (UInt32) -> Key] = [
    { Key(addresses: 0x0002_0a00_0000_0002, rest: UInt64($0.bigEndian) | 0x0002 << 48) },
    { Key(addresses: 0x0002_0000_0000_0002 | UInt64($0.bigEndian) << 16, rest: 0x0a00_0000 | 0x0003 << 48) },
    { number in
      Key(
        addresses: 0x0002_0000_0000_0002 | UInt64((number / 256).bigEndian) << 16,
        rest: UInt64(number.bigEndian) | 0x0002 << 48)
    },
  ]

  /// Whether the keys of each pattern, as many as fill half of the table, meet no oftener than by chance, and are found
  /// where the programs look first.
  private var isEven: Bool { Self.patterns.allSatisfy { isEven($0) } }

  private func isEven(_ key: (UInt32) -> Key) -> Bool {
    let slots = 1 << bits, keys = slots / 2
    return withUnsafeTemporaryAllocation(of: Bool.self, capacity: slots) { taken in
      taken.initialize(repeating: false)
      var met = 0, far = 0
      for number in 0..<UInt32(keys) {
        var slot = home(key(number)), probe = 0
        while probe < Self.window, taken[slot] {
          slot = (slot + 1) & (slots - 1)
          probe += 1
        }
        taken[slot] = true
        if probe > 0 { met += 1 }
        if probe >= Self.near { far += 1 }
      }
      // By chance every fourth key meets another and every 32nd is far (simulated).
      return met * 4 <= keys && far * 64 <= keys
    }
  }

  private static let near = Int(MVT_NEAR_PROBES.rawValue)
  private static let window = Int(MVT_PROBE_WINDOW.rawValue)
}
