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
  private static func probes(_ hash: CounterHash, slots: Int, _ key: (UInt64) -> (UInt64, UInt64)) -> [Int] {
    var taken = [Bool](repeating: false, count: slots)
    return (0..<UInt64(slots / 2)).map { number in
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

  @Test(
    "whatever is drawn, addresses given out in turn fill half of the table and none is lost",
    arguments: 0..<24)
  func even(_ seed: UInt64) {
    var numbers = SplitMix(seed: seed)
    let slots = 16_384
    let hash = CounterHash(slots: slots, using: &numbers)
    let (first, second, third) = hash.parameters.multipliers
    #expect(first & second & third & 1 == 1)
    // Stations that send to one gateway, under VLAN 10 at hook 4; and what the gateway sends to them.
    let gateway: UInt64 = 0x0002_0a42_0000_4202, tags: UInt64 = 0x0004_100a << 32
    for probes in [
      Self.probes(hash, slots: slots) { (gateway, Self.octets($0) | tags) },
      Self.probes(hash, slots: slots) { (0x0002_0000_0000_0002 | Self.octets($0) << 16, 0x0a42_0000 | tags) },
    ] {
      #expect(probes.max() ?? 0 < Int(MVT_PROBE_WINDOW.rawValue))
      // By chance it would be every fourth, and every 32nd.
      #expect(probes.count { $0 > 0 } * 3 <= probes.count)
      #expect(probes.count { $0 >= Int(MVT_NEAR_PROBES.rawValue) } * 16 <= probes.count)
    }
  }

  @Test("two starts draw different numbers")
  func different() {
    #expect(
      CounterHash(slots: 8192).parameters.multipliers.0 != CounterHash(slots: 8192).parameters.multipliers.0)
  }
}
