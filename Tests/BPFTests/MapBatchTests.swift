import Foundation
import Synchronization
import LinuxNamespaces
import SystemPackage
import Testing

@testable import BPF

@Suite("Many entries of a map at once", .enabled(if: isRoot, "needs root")) struct MapBatchTests {
  typealias Entry = (key: UInt32, values: [UInt64])

  /// More entries than the 2048 of one batch.
  static let count: UInt32 = 2500

  static func map(_ type: UInt32) throws -> (Map, TypedMap<UInt32, UInt64>) {
    let map = try Map.create(type: type, keySize: 4, valueSize: 8, maxEntries: count, name: "mvt_batch")
    return (map, try TypedMap(map))
  }

  @Test(arguments: [MapType.hash, MapType.array, MapType.perCPUHash, MapType.perCPUArray])
  func entriesAreSetReadAndDeleted(type: UInt32) throws {
    let (map, typed) = try Self.map(type)
    let cpus = map.isPerCPU ? possibleCPUCount() : 1
    let entries: [Entry] = (0..<Self.count).map { key in
      (key, (0..<cpus).map { UInt64(key) << 8 | UInt64($0) })
    }
    try typed.update(entries)
    let expected = Dictionary(uniqueKeysWithValues: entries.map { (UInt64($0.key), $0.values) })
    #expect(try MapTests.dump(map) == expected)
    let read = try typed.entries()
    #expect(read.count == entries.count)
    #expect(Dictionary(read.map { (UInt64($0.key), $0.values) }) { first, _ in first } == expected)

    guard type == MapType.hash || type == MapType.perCPUHash else { return }
    // Every third, among keys that were never there.
    try typed.delete((0..<2 * Self.count).filter { $0 % 3 == 0 })
    #expect(Set(try MapTests.dump(map).keys) == Set(expected.keys.filter { $0 % 3 != 0 }))
    #expect(try typed.entries().count == expected.keys.count { $0 % 3 != 0 })
    try typed.delete([])
    try typed.delete((0..<Self.count).map { $0 })
    #expect(try typed.entries().isEmpty && MapTests.dump(map).isEmpty)
  }

  /// A bucket of a hash map that holds more than one batch does (ENOSPC) makes the batch grow.
  @Test(arguments: [MapType.hash, MapType.array]) func theSmallestBatchGrows(type: UInt32) throws {
    let (map, typed) = try Self.map(type)
    try typed.update((0..<Self.count).map { ($0, [UInt64($0)]) })
    let entries = try #require(try typed.batchedEntries(1))
    #expect(entries.count == Int(Self.count))
    let read = Dictionary(entries.map { (UInt64($0.key), $0.values) }) { first, _ in first }
    #expect(try read == MapTests.dump(map))
  }

  @Test func anEmptyMapHasNoEntries() throws {
    for type in [MapType.hash, MapType.perCPUHash] { #expect(try Self.map(type).1.entries().isEmpty) }
  }

  @Test func aFullMapIsAnError() throws {
    let (map, typed) = try Self.map(MapType.hash)
    let entries: [Entry] = (0...Self.count).map { ($0, [1]) }
    #expect(#expect(throws: BPFError.self) { try typed.update(entries) }?.errno.symbol == "E2BIG")
    #expect(try MapTests.dump(map).count == Int(Self.count))
  }

  /// Maps without batches are walked key by key: a map of devices has none.
  @Test func aMapWithoutBatchesIsWalked() throws {
    let devices = try Map.create(
      type: MapType.devicesByHash, keySize: 4, valueSize: 4, maxEntries: 100, name: "mvt_devices")
    let typed = try TypedMap(devices, key: UInt32.self, value: UInt32.self)
    #expect(try typed.entries().isEmpty)
    // The loopback under each number.
    try typed.update((0..<50).map { (UInt32($0 * 7), [1]) })
    let read = try typed.entries()
    #expect(read.count == 50 && Set(read.map(\.key)) == Set((0..<50).map { $0 * 7 }))
    #expect(Set(try MapTests.dump(devices).keys) == Set((0..<50).map { $0 * 7 }))
    try typed.delete([7, 8, 14])
    let shown = try MapTests.dump(devices).keys
    #expect(Set(try typed.entries().map { UInt64($0.key) }) == Set(shown))
    #expect(try typed.entries().count == 48)
  }

  /// Entries that stand all the time are read once each, whatever happens to the others.
  @Test(arguments: [MapType.hash, MapType.perCPUHash, MapType.devicesByHash])
  func entriesThatStandAreReadWhileOthersComeAndGo(type: UInt32) throws {
    let valueSize: UInt32 = type == MapType.devicesByHash ? 4 : 8
    let map = try Map.create(
      type: type, keySize: 4, valueSize: valueSize, maxEntries: Self.count, name: "mvt_changing")
    if valueSize == 4 {
      try watch(TypedMap(map, key: UInt32.self, value: UInt32.self), value: 1, standing: 200)
    } else {
      try watch(TypedMap(map, key: UInt32.self, value: UInt64.self), value: 1, standing: 2400)
    }
  }

  private func watch<Value>(_ map: TypedMap<UInt32, Value>, value: Value, standing: UInt32) throws {
    for key in 0..<standing { try map.update(key, to: value) }
    let isOver = Atomic(false)
    let rounds = Atomic(0)
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      while !isOver.load(ordering: .relaxed) {
        for key in standing..<(standing + 20) { try? map.update(key, to: value) }
        for key in standing..<(standing + 20) { try? map.delete(key) }
        rounds.add(1, ordering: .relaxed)
      }
      ended.signal()
    }
    defer {
      isOver.store(true, ordering: .relaxed)
      ended.wait()
    }
    for _ in 0..<50 {
      let before = rounds.load(ordering: .relaxed)
      repeat {
        let keys = try map.entries().map(\.key)
        #expect(Set(keys).count == keys.count, "no key twice")
        #expect(keys.count { $0 < standing } == Int(standing))
      } while rounds.load(ordering: .relaxed) == before
    }
  }
}
