import BPF
import SystemPackage
import Testing

@Suite("Arrays mapped into the process", .enabled(if: isRoot, "needs root")) struct MappedArrayTests {
  @Test func valuesAreReadWhilstProgramsWrite() throws {
    let (program, map) = try TestObject.open("counters") { object in
      let loaded = try object.load()
      return (try loaded.program("count"), try loaded.map("array"))
    }
    let mapped = try map.mapped()
    let typed = try TypedMap(map, key: UInt32.self, value: MapTests.InlineTriple.self)
    for (round, index) in [0, 1, 254, 255].enumerated() {
      _ = try program.testRun(packet: TestObject.frame(UInt8(index)), repetitions: round + 1)
      let triple = mapped.load(index, as: MapTests.InlineTriple.self)
      #expect(triple.third == UInt32(round + 1) && triple.first == 0)
      #expect(try typed.lookup(UInt32(index))?.first?.third == triple.third)
    }
    let dumped = try BPFTool.list("map", "dump", "id", "\(map.id)").compactMap {
      ($0["formatted"] as? [String: Any])?["value"] as? [Int]
    }
    #expect(dumped.count == 256)
    #expect(
      dumped
        == (0..<256).map { index in
          let triple = mapped.load(index, as: MapTests.InlineTriple.self)
          return [triple.first, triple.second, triple.third].map(Int.init)
        })
  }

  @Test func aWritableArrayIsWritten() throws {
    // BPF_F_MMAPABLE
    let map = try Map.create(
      type: MapType.array, keySize: 4, valueSize: 4, maxEntries: 2000, flags: 1 << 10, name: "mvt_mapped")
    let mapped = try map.mapped(writable: true)
    mapped.bytes.storeBytes(of: 77, toByteOffset: 1999 * 8, as: UInt32.self)
    #expect(try TypedMap(map, key: UInt32.self, value: UInt32.self).lookup(1999) == [77])
    #expect(try MapTests.dump(map)[1999] == [77])
  }

  @Test func whatCannotBeMappedIsAnError() throws {
    let plain = try Map.create(
      type: MapType.array, keySize: 4, valueSize: 8, maxEntries: 1, name: "mvt_plain")
    let error = #expect(throws: BPFError.self) { try plain.mapped() }
    #expect(error?.code == .map && error?.message.contains("mvt_plain") == true)
    let hash = try Map.create(type: MapType.hash, keySize: 4, valueSize: 8, maxEntries: 1, name: "mvt_hash")
    #expect(throws: BPFError.self) { try hash.mapped() }
  }

  @Test func anIndexBehindTheEndStopsTheProcess() async throws {
    await #expect(processExitsWith: .failure) {
      let map = try Map.create(
        type: MapType.array, keySize: 4, valueSize: 8, maxEntries: 3, flags: 1 << 10, name: "mvt_mapped")
      let mapped = try map.mapped()
      // Within the page, and no entry.
      _ = mapped.load(3, as: UInt64.self)
    }
    await #expect(processExitsWith: .success) {
      let map = try Map.create(
        type: MapType.array, keySize: 4, valueSize: 8, maxEntries: 3, flags: 1 << 10, name: "mvt_mapped")
      #expect(try map.mapped().load(2, as: UInt64.self) == 0)
    }
  }
}
