import BPF
import CMacvtraceABI
import NetworkAddresses
import TestSupport
import Testing
import TraceModel

@testable import TraceCapture

/// How addresses spread over the counting table.
@Suite("Addresses in the counting table") struct CounterHashTests {
  /// Slots that are tried for a key beyond its first, for each of the addresses that are counted up.
  private static func probes(
    _ hash: CounterHash, slots: Int, keys: Int, _ key: (UInt64) -> (UInt64, UInt64)
  ) -> [Int] {
    var taken = [Bool](repeating: false, count: slots)
    return (0..<UInt64(keys)).map { number in
      let (addresses, rest) = key(number)
      var parameters = hash.parameters
      var place = mvt_counter_place(&parameters, addresses, rest, 0)
      var count = 0
      while taken[Int(place) / MemoryLayout<mvt_counter>.size] {
        count += 1
        place = mvt_counter_next(&parameters, place, UInt32(count))
      }
      taken[Int(place) / MemoryLayout<mvt_counter>.size] = true
      return count
    }
  }

  private static func octets(_ number: UInt64) -> UInt64 { UInt64(UInt32(number).byteSwapped) }

  /// Under VLAN 10: stations that send to a gateway, and what the gateway sends to them; the hook's last bit is the
  /// direction.
  private static func fromStations(_ number: UInt64, hook: UInt64) -> (UInt64, UInt64) {
    (0x0002_0a42_0000_4202, octets(number) | 0x100a << 32 | hook << 48)
  }
  private static func toStations(_ number: UInt64, hook: UInt64) -> (UInt64, UInt64) {
    (0x0002_0000_0000_0002 | octets(number) << 16, 0x0a42_0000 | 0x100a << 32 | hook << 48)
  }

  @Test(
    "whatever is drawn, addresses given out in turn fill half of the table and none is lost",
    arguments: 0..<24)
  func even(_ seed: UInt64) {
    var numbers = SplitMix(seed: seed)
    let slots = 16_384
    let hash = CounterHash(slots: slots, using: &numbers)
    let (first, second, third) = hash.parameters.multipliers
    #expect(first & second & third & 1 == 1)
    // Stations are many as sources at ingress, as destinations at egress; the others fill an eighth.
    for probes in [
      Self.probes(hash, slots: slots, keys: slots / 2) { Self.fromStations($0, hook: 4) },
      Self.probes(hash, slots: slots, keys: slots / 2) { Self.toStations($0, hook: 5) },
      Self.probes(hash, slots: slots, keys: slots / 8) { Self.toStations($0, hook: 4) },
      Self.probes(hash, slots: slots, keys: slots / 8) { Self.fromStations($0, hook: 5) },
    ] {
      #expect(probes.max() ?? 0 < Int(MVT_PROBE_WINDOW.rawValue))
      // By chance it would be every fourth, and every 32nd.
      #expect(probes.count { $0 > 0 } * 3 <= probes.count)
      #expect(probes.count { $0 >= Int(MVT_NEAR_PROBES.rawValue) } * 16 <= probes.count)
    }
  }

  @Test("64 addresses given out in turn lie side by side, and so do eight such rows")
  func rows() {
    let slots = 8192, size = MemoryLayout<mvt_counter>.size
    var parameters = CounterHash(slots: slots).parameters
    let slot = { (key: (UInt64, UInt64)) in
      Int(mvt_counter_place(&parameters, key.0, key.1, 0)) / size
    }
    for station in stride(from: UInt64(0), to: 1024, by: 64) {
      let first = [slot(Self.fromStations(station, hook: 4)), slot(Self.toStations(station, hook: 5))]
      for next in 1..<UInt64(64) {
        #expect(slot(Self.fromStations(station + next, hook: 4)) == (first[0] + Int(next)) % slots)
        #expect(slot(Self.toStations(station + next, hook: 5)) == (first[1] + Int(next)) % slots)
      }
      let others = [slot(Self.toStations(station, hook: 4)), slot(Self.fromStations(station, hook: 5))]
      for next in 1..<UInt64(8) {
        #expect(slot(Self.toStations(station + next, hook: 4)) == (others[0] + 64 * Int(next)) % slots)
        #expect(slot(Self.fromStations(station + next, hook: 5)) == (others[1] + 64 * Int(next)) % slots)
      }
    }
  }

  @Test("two starts draw different numbers")
  func different() {
    #expect(
      CounterHash(slots: 8192).parameters.multipliers.0 != CounterHash(slots: 8192).parameters.multipliers.0)
  }
}
