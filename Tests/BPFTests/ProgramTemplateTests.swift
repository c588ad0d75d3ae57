import BPF
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
      if let own { try object.set(constant, to: own) }
      let loaded = try object.load()
      #expect(try Self.verdict(loaded.program("decide")) == UInt32(own ?? Self.placeholder))
      let template = try loaded.template(constant)
      let copies = [
        try template.load(7, name: "seven"), try template.load(Self.placeholder, name: "placeholder"),
      ]
      #expect(try copies.map(Self.verdict) == [7, UInt32(Self.placeholder)])
      #expect(try copies[0].information().name == "seven")
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
