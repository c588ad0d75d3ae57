import BPF
import Glibc
import LinuxNamespaces
import SystemPackage
import Testing

@Suite("Typed maps, beside bpftool's dump", .enabled(if: isRoot, "needs root")) struct MapTests {
  /// What `bpftool map dump` reads of a map without BTF: numbers by their keys, one for each CPU.
  static func dump(_ map: Map) throws -> [UInt64: [UInt64]] {
    var entries: [UInt64: [UInt64]] = [:]
    for entry in try BPFTool.list("map", "dump", "id", "\(map.id)") {
      let key = try #require(BPFTool.number(entry["key"]))
      if let values = entry["values"] as? [[String: Any]] {
        entries[key] = try values.map { try #require(BPFTool.number($0["value"])) }
      } else {
        entries[key] = [try #require(BPFTool.number(entry["value"]))]
      }
    }
    return entries
  }

  @Test(arguments: [MapType.hash, MapType.perCPUHash])
  func aHashMap(type: UInt32) throws {
    let map = try Map.create(type: type, keySize: 2, valueSize: 4, maxEntries: 3, name: "mvt_hash")
    let typed = try TypedMap(map, key: UInt16.self, value: UInt32.self)
    let cpus = type == MapType.hash ? 1 : possibleCPUCount()
    #expect(try typed.lookup(1) == nil)
    try typed.update(0x0102, to: 0x0304_0506)
    try typed.update(7, to: (0..<cpus).map { UInt32(100 + $0) })
    #expect(
      try Self.dump(map) == [
        0x0102: Array(repeating: 0x0304_0506, count: cpus), 7: (0..<cpus).map { UInt64(100 + $0) },
      ])
    #expect(try typed.lookup(7) == (0..<cpus).map { UInt32(100 + $0) })
    try typed.delete(7)
    try typed.delete(7)
    #expect(try typed.lookup(7) == nil)
    #expect(try Self.dump(map).keys.sorted() == [0x0102])

    try typed.update(2, to: 0)
    try typed.update(3, to: 0)
    let full = #expect(throws: BPFError.self) { try typed.update(4, to: 0) }
    #expect(full?.errno.symbol == "E2BIG" && full?.message.contains("mvt_hash") == true)
  }

  @Test(arguments: [MapType.array, MapType.perCPUArray])
  func anArray(type: UInt32) throws {
    let map = try Map.create(type: type, keySize: 4, valueSize: 8, maxEntries: 3, name: "mvt_array")
    let typed = try TypedMap(map, key: UInt32.self, value: UInt64.self)
    let cpus = type == MapType.array ? 1 : possibleCPUCount()
    try typed.update(1, to: (0..<cpus).map { UInt64(1) << (40 + $0) })
    let zeros = [UInt64](repeating: 0, count: cpus)
    #expect(try Self.dump(map) == [0: zeros, 1: (0..<cpus).map { 1 << (40 + $0) }, 2: zeros])
    #expect(try typed.lookup(2) == zeros)
    #expect(try typed.lookup(3) == nil)
    #expect(#expect(throws: BPFError.self) { try typed.update(3, to: 0) }?.errno.symbol == "E2BIG")
    // An array's entries cannot be deleted.
    #expect(#expect(throws: BPFError.self) { try typed.delete(1) }?.errno.symbol == "EINVAL")
  }

  @Test func asManyValuesAsCPUs() throws {
    let map = try Map.create(
      type: MapType.perCPUArray, keySize: 4, valueSize: 4, maxEntries: 1, name: "mvt_percpu")
    let typed = try TypedMap(map, key: UInt32.self, value: UInt32.self)
    let values = [UInt32](repeating: 1, count: possibleCPUCount() + 1)
    #expect(#expect(throws: BPFError.self) { try typed.update(0, to: values) }?.errno == .invalidArgument)
    #expect(try Self.dump(map) == [0: [UInt64](repeating: 0, count: possibleCPUCount())])
  }

  @Test func typesMustHaveTheSizesOfTheMap() throws {
    let map = try Map.create(type: MapType.hash, keySize: 4, valueSize: 8, maxEntries: 1, name: "mvt_sizes")
    let error = #expect(throws: BPFError.self) { try TypedMap(map, key: UInt32.self, value: UInt32.self) }
    #expect(error?.errno == .invalidArgument)
    #expect(error?.message.contains("keys of 4 and values of 8 octets") == true)
    #expect(throws: BPFError.self) { try TypedMap(map, key: UInt64.self, value: UInt64.self) }
  }

  @Test func programsCountOnEveryCPU() throws {
    let (program, hash, array, perCPUHash, perCPUArray) = try TestObject.open("counters") { object in
      let loaded = try object.load()
      return (
        try loaded.program("count"), try loaded.map("hash"), try loaded.map("array"),
        try loaded.map("percpu_hash"), try loaded.map("percpu_array")
      )
    }
    // 10 packets on the first CPU, 20 on the second and so on.
    let online = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    for cpu in 0..<online {
      try onCPU(cpu) { _ = try program.testRun(packet: TestObject.frame(0x2a), repetitions: 10 * (cpu + 1)) }
    }
    let expected = (0..<possibleCPUCount()).map { $0 < online ? UInt64(10 * ($0 + 1)) : 0 }
    let sum = expected.reduce(0, +)
    #expect(try TypedMap(hash, key: UInt32.self, value: UInt64.self).lookup(0x2a) == [sum])
    #expect(
      try TypedMap(array, key: UInt32.self, value: InlineTriple.self).lookup(0x2a)?.first?.third
        == UInt32(sum))
    #expect(
      try TypedMap(perCPUHash, key: UInt32.self, value: UInt32.self).lookup(0x2a) == expected.map(UInt32.init)
    )
    let values = try TypedMap(perCPUArray, key: UInt32.self, value: UInt64.self).lookup(0x2a)
    #expect(values == expected)
    #expect(try Self.dump(perCPUHash) == [0x2a: expected])
    #expect(try Self.dump(perCPUArray)[0x2a] == expected)
  }

  /// The layout of `array`'s values: `__u32[3]`.
  struct InlineTriple: BitwiseCopyable {
    var first: UInt32, second: UInt32, third: UInt32
  }
}
