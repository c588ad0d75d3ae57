import BPF
import Glibc
import SystemPackage
import TestSupport
import Testing

/// A constant in a program: set before it is loaded, and another one in each copy.
@Suite("Copies of a program", .enabled(if: isRoot, "needs root")) struct ProgramTemplateTests {
  private static let placeholder: Int32 = 0x1234567

  private static func verdict(_ program: Program) throws -> UInt32 {
    try program.testRun(packet: TestObject.frame(1)).returnValue
  }

  @Test(arguments: [nil, 5]) func eachCopyHasItsOwn(_ own: Int32?) throws {
    try TestObject.open("verdicts") { object in
      let constant = try object.constant(Self.placeholder, in: "decide")
      if let own { try object.set(constant, to: Int64(own)) }
      let loaded = try object.load()
      #expect(try Self.verdict(loaded.program("decide")) == UInt32(own ?? Self.placeholder))
      let template = try loaded.template(constant)
      let copies = [
        try template.load(7, name: "seven"), try template.load(Int64(Self.placeholder), name: "placeholder"),
      ]
      #expect(try copies.map(Self.verdict) == [7, UInt32(Self.placeholder)])
      #expect(try copies[0].information().name == "seven")
    }
  }

  @Test func aConstantMayStandInSeveralPlaces() throws {
    try TestObject.open("verdicts") { object in
      let constant = try object.constant(Self.placeholder, in: "decide_twice")
      try object.set(constant, to: 5)
      let loaded = try object.load()
      let programs = [
        try loaded.program("decide_twice"), try loaded.template(constant).load(7, name: "seven"),
      ]
      let verdicts = try programs.flatMap { program in
        try [64, 200].map { length in
          try program.testRun(packet: TestObject.frame(1) + [UInt8](repeating: 0, count: length - 64))
            .returnValue
        }
      }
      #expect(verdicts == [6, 5, 8, 7])
    }
  }

  @Test func aProgramComputesWithItsConstants() throws {
    try TestObject.open("constants") { object in
      let values: [(Int32, Int64)] = [
        (0x5550001, 0x0300_0000_0000_0001), (0x5550002, 54), (0x5550003, 0x3f0), (0x5550004, 100),
      ]
      for (placeholder, value) in values {
        try object.set(object.constant(placeholder, in: "compute"), to: value)
      }
      let program = try object.load().program("compute")
      // The top 10 bits are 768 of 192 << 56 | 64, 1020 of 255 << 56 | 85, and 176 of 44 << 56 | 100, whose length is what
      // the program would drop if its comparison had been set, too.
      for (length, top) in [(64, 768), (85, 1020), (100, 176)] as [(Int, UInt32)] {
        let frame = TestObject.frame(1, length: length)
        #expect(try program.testRun(packet: frame).returnValue == top & 0x3f0 + 100)
      }
    }
  }

  private static let (least, most) = (Int64(Int32.min), Int64(Int32.max))

  @Test(arguments: [(least, true), (most, true), (least - 1, false), (most + 1, false)])
  func aConstantThatDoesNotFitIsSaid(_ value: Int64, _ fits: Bool) throws {
    try TestObject.open("constants") { object in
      let mask = try object.constant(0x5550003, in: "compute")
      var refusal: BPFError?
      do throws(BPFError) { try object.set(mask, to: value) } catch { refusal = error }
      #expect((refusal == nil) == fits)
      if let refusal {
        #expect(refusal.errno == Errno(rawValue: ERANGE) && refusal.message.contains("compute"))
      }
    }
  }

  /// The program reads it where it lies: what is written later is found.
  @Test func theAddressOfAValueIsWrittenIntoAProgram() throws {
    let map = try Map.mappableArray(of: 1, valueSize: 8, name: "mvt_value")
    try TestObject.open("address") { object in
      try object.setAddress(of: map, for: 0x7654321, in: "remember")
      let loaded = try object.load()
      let program = try loaded.program("remember")
      let memory = try map.mapped(writable: true)
      for verdict in [3, 4] as [UInt64] {
        memory.storeRelease(verdict, at: 0)
        #expect(try Self.verdict(program) == UInt32(verdict))
      }
    }
  }

  @Test func aProgramWithoutRoomForAnAddressIsSaid() throws {
    let map = try Map.mappableArray(of: 1, valueSize: 8, name: "mvt_value")
    try TestObject.open("address") { object in
      let missing = #expect(throws: BPFError.self) {
        try object.setAddress(of: map, for: 0x1234567, in: "remember")
      }
      #expect(missing?.errno == .invalidArgument && missing?.message.contains("mvt_value") == true)
    }
  }

  @Test func whatIsNotThereIsSaid() throws {
    try TestObject.open("verdicts") { object in
      let missing = #expect(throws: BPFError.self) { _ = try object.constant(0x7654321, in: "decide") }
      #expect(missing?.errno == .invalidArgument && missing?.message.contains("decide") == true)
      let nowhere = #expect(throws: BPFError.self) {
        _ = try object.constant(Self.placeholder, in: "nowhere")
      }
      #expect(nowhere?.code == .notFound)
      _ = try object.load()
    }
  }
}
