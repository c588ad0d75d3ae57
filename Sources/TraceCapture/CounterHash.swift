import CMacvtraceABI

/// How the counting programs find the slot of a key: by two random numbers, so that no sender can know which addresses
/// meet in a slot, and a third for inner VLANs. See bpf/include/macvtrace_hash.h.
struct CounterHash {
  /// As the programs read it.
  let parameters: mvt_hash

  /// Draws numbers that spread addresses evenly which are given out in turn, as Docker and every vendor do: with one
  /// draw of several those would meet in few slots, as multiply-shift hashing promises only an average over all draws.
  ///
  /// - Parameters:
  ///   - slots: of one CPU, a power of two.
  ///   - generator: where the numbers come from.
  init(slots: Int, using generator: inout some RandomNumberGenerator) {
    var hash = CounterHash(slots, drawing: &generator)
    var rest = Self.draws
    while rest > 0, !hash.isEven(slots) {
      hash = CounterHash(slots, drawing: &generator)
      rest -= 1
    }
    self = hash
  }

  /// The same with the system's random numbers.
  init(slots: Int) {
    var generator = SystemRandomNumberGenerator()
    self.init(slots: slots, using: &generator)
  }

  private init(_ slots: Int, drawing generator: inout some RandomNumberGenerator) {
    let multipliers = InlineArray<3, UInt64> { _ in UInt64.random(in: .min ... .max, using: &generator) | 1 }
    parameters = mvt_hash_of(
      multipliers[0], multipliers[1], multipliers[2], UInt32(slots.trailingZeroBitCount))
  }

  /// Every second or third draw is even, by the number of slots (simulated): so many are enough.
  private static let draws = 128

  private func isEven(_ slots: Int) -> Bool {
    // What is soon told first.
    let egress = [(true, true, true), (false, true, true), (true, false, true)]
    let ingress = [(true, true, false), (true, false, false), (false, true, false)]
    return zip(ingress, egress).flatMap { [$0, $1] }.allSatisfy { destination, source, egress in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: slots) { taken in
        taken.initialize(repeating: 0)
        return withUnsafePointer(to: parameters) { parameters in
          mvt_spreads(
            taken.baseAddress, UInt32(slots.trailingZeroBitCount), parameters, destination, source, egress)
        }
      }
    }
  }
}
