import BPF
import Foundation
import LinuxNamespaces
import SystemPackage
import Testing

@Suite("An object: opened, prepared, loaded", .enabled(if: isRoot, "needs root")) struct ObjectTests {
  /// libbpf cuts an object's name to make those of its sections' maps.
  @Test(arguments: ["c", "counters", "a_name_longer_than_the_kernel_takes"])
  func globalsOfEverySectionAreSetBeforeLoadingAndReadAfterwards(name: String) throws {
    let (program, step, factor, packets) = try TestObject.open("counters", name: name) { object in
      try object.setGlobal("step", to: UInt32(3))
      try object.setGlobal("factor", to: UInt32(5), section: ".data")
      try object.setGlobal("packets", to: UInt64(1000), section: ".bss")
      let loaded = try object.load()
      return (
        try loaded.program("count"), try loaded.global("step", as: UInt32.self, section: ".rodata"),
        try loaded.global("factor", as: UInt32.self, section: ".data"),
        try loaded.global("packets", as: UInt64.self)
      )
    }
    _ = try program.testRun(packet: TestObject.frame(1), repetitions: 4)
    #expect(step.value == 3 && factor.value == 5 && packets.value == 1004)
    // Beside bpftool's reading of the kernel's memory.
    let id = try program.information().id
    let maps = try #require(try BPFTool.object("prog", "show", "id", "\(id)")["map_ids"] as? [Int])
    var dumped: [String: Int] = [:]
    for map in maps {
      guard try BPFTool.object("map", "show", "id", "\(map)")["btf_id"] != nil,
        let section = try BPFTool.list("map", "dump", "id", "\(map)").first?["formatted"] as? [String: Any],
        let value = section["value"] as? [String: Any]
      else { continue }
      for variables in value.values {
        for variable in variables as? [[String: Int]] ?? [] { dumped.merge(variable) { first, _ in first } }
      }
    }
    #expect(dumped == ["step": 3, "factor": 5, "packets": 1004])

    try factor.set(100)
    _ = try program.testRun(packet: TestObject.frame(2))
    #expect(packets.value == 1005)
    let error = #expect(throws: BPFError.self) { try step.set(1) }
    #expect(error?.errno == .notPermitted)
  }

  @Test func constantsAreFrozenInTheKernel() throws {
    let maps = try TestObject.open("counters") { object in
      let loaded = try object.load()
      return [try loaded.map(".rodata"), try loaded.map(".data"), try loaded.map("hash")]
    }
    var frozen: [UInt32: String] = [:]
    for descriptor in try openDescriptors("bpf-map") {
      let fields = try descriptorInformation(descriptor)
      if let id = fields["map_id"].flatMap(UInt32.init) { frozen[id] = fields["frozen"] }
    }
    #expect(maps.map { frozen[$0.id] } == ["1", "0", "0"])
  }

  @Test func aProgramIsKnownByItsIDAsLongAsItIsHeld() throws {
    let id = try Program.trivial().information().id
    // The kernel frees it a moment after its last descriptor was closed.
    for _ in 0..<200 where Program.isLoaded(id: id) { usleep(10_000) }
    #expect(!Program.isLoaded(id: id) && !Program.isLoaded(id: 0))
    let error = #expect(throws: BPFError.self) { try Program.information(id: id) }
    #expect(error?.errno == .noSuchFileOrDirectory)
    let program = try Program.load([.set(0, 7), .exit], name: "mvt_seven")
    let own = try program.information()
    #expect(Program.isLoaded(id: own.id))
    let other = try Program.information(id: own.id)
    let shown = try BPFTool.object("prog", "show", "id", "\(own.id)")
    for information in [own, other] {
      #expect(information.name == "mvt_seven" && shown["name"] as? String == "mvt_seven")
      #expect(information.tag == shown["tag"] as? String && information.id == own.id)
    }
    // Neither the one before nor the one behind it.
    #expect(!Program.isLoaded(id: own.id + 100_000))
  }

  @Test func aMapHasTheSizeThatItWasGiven() throws {
    let (map, untouched) = try TestObject.open("counters") { object in
      try object.setMaxEntries(map: "hash", 4711)
      let loaded = try object.load()
      return (try loaded.map("hash"), try loaded.map("array"))
    }
    let shown = try BPFTool.object("map", "show", "id", "\(map.id)")
    #expect(shown["max_entries"] as? Int == 4711 && map.maxEntries == 4711)
    #expect(shown["type"] as? String == "hash" && shown["name"] as? String == "hash")
    #expect(shown["bytes_key"] as? Int == map.keySize && shown["bytes_value"] as? Int == map.valueSize)
    let other = try BPFTool.object("map", "show", "id", "\(untouched.id)")
    #expect(other["max_entries"] as? Int == 256 && other["bytes_value"] as? Int == untouched.valueSize)
    #expect(untouched.valueSize == 12)
  }

  @Test func aMapIsSharedByTwoObjects() throws {
    let (first, shared) = try TestObject.open("counters") { object in
      let loaded = try object.load()
      return (try loaded.program("count"), try loaded.map("hash"))
    }
    let second = try TestObject.open("counters") { object in
      try object.reuse(map: "hash", shared)
      return try object.load().program("count")
    }
    for program in [first, second] { _ = try program.testRun(packet: TestObject.frame(9)) }
    #expect(try TypedMap(shared, key: UInt32.self, value: UInt64.self).lookup(9) == [2])
  }

  /// The object's has keys of 4 octets and values of 8, and is a hash map.
  @Test(arguments: [(MapType.array, 4, 8), (MapType.hash, 8, 8), (MapType.hash, 4, 4)])
  func aMapOfAnotherKindIsNotShared(type: UInt32, keySize: UInt32, valueSize: UInt32) throws {
    let other = try Map.create(
      type: type, keySize: keySize, valueSize: valueSize, maxEntries: 16, name: "mvt_other")
    try TestObject.open("counters") { object in
      let error = #expect(throws: BPFError.self) { try object.reuse(map: "hash", other) }
      #expect(error?.errno == .invalidArgument && error?.message == "reuse map mvt_other as hash")
      _ = try object.load()
    }
  }

  @Test func whatIsNotThereIsNamed() throws {
    let errors = try TestObject.open("counters") { object in
      var errors = [
        #expect(throws: BPFError.self) { try object.setMaxEntries(map: "nowhere", 1) },
        #expect(throws: BPFError.self) { try object.setAutoload(program: "nowhere", false) },
        #expect(throws: BPFError.self) { try object.setGlobal("nowhere", to: 1) },
        #expect(throws: BPFError.self) { try object.setGlobal("step", to: UInt32(1), section: ".nowhere") },
      ]
      let loaded = try object.load()
      errors += [
        #expect(throws: BPFError.self) { _ = try loaded.map("nowhere") },
        #expect(throws: BPFError.self) { _ = try loaded.program("nowhere") },
        #expect(throws: BPFError.self) { _ = try loaded.global("nowhere", as: UInt32.self) },
      ]
      return errors
    }
    for error in errors {
      #expect(error?.code == .notFound && error?.errno.symbol == "ENOENT")
      #expect(error?.message.contains("nowhere") == true && error?.message.contains("counters") == true)
    }
  }

  @Test func aGlobalOfAnotherSizeIsRefused() throws {
    try TestObject.open("counters") { object in
      let error = #expect(throws: BPFError.self) { try object.setGlobal("step", to: UInt64(1)) }
      #expect(error?.errno == .invalidArgument)
      let loaded = try object.load()
      let again = #expect(throws: BPFError.self) { _ = try loaded.global("packets", as: UInt32.self) }
      #expect(again?.errno == .invalidArgument)
    }
  }

  /// Files come from outside: each cut of a real one, and noise, is an error or opens, and never traps.
  @Test func brokenFilesAreErrors() throws {
    let bytes = try Data(contentsOf: URL(filePath: TestObject.path("counters")))
    var refused = 0
    for length in stride(from: 0, to: bytes.count, by: 97) {
      do {
        try bytes.prefix(length).withUnsafeBytes { _ = try OpenObject(bytes: $0, name: "cut") }
      } catch let error as BPFError {
        #expect(error.code == .open)
        refused += 1
      }
    }
    #expect(refused > bytes.count / 97 / 2)
    let error = #expect(throws: BPFError.self) {
      try [UInt8](repeating: 7, count: 4096).withUnsafeBytes { _ = try OpenObject(bytes: $0, name: "noise") }
    }
    #expect(error?.log.isEmpty == false, "libbpf says what is wrong with it")
  }

  @Test func aProgramThatIsLeftOutIsNotLoaded() throws {
    try TestObject.open("refused") { object in
      try object.setAutoload(program: "overread", false)
      try object.setAutoload(program: "overread_late", false)
      let loaded = try object.load()
      #expect(throws: BPFError.self) { _ = try loaded.program("overread") }
    }
  }

  @Test func everyDescriptorIsClosed() throws {
    let before = (try openDescriptors("bpf-prog").count, try openDescriptors("bpf-map").count)
    for _ in 0..<3 {
      let (program, map) = try TestObject.open("counters") { object in
        let loaded = try object.load()
        return (try loaded.program("count"), try loaded.map("hash"))
      }
      _ = try program.testRun(packet: TestObject.frame(1))
      _ = try TypedMap(map, key: UInt32.self, value: UInt64.self).lookup(1)
    }
    #expect(try openDescriptors("bpf-prog").count == before.0)
    #expect(try openDescriptors("bpf-map").count == before.1)
  }
}
