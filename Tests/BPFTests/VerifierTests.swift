import BPF
import Foundation
import SystemPackage
import Testing

@Suite("What the verifier refuses", .enabled(if: isRoot, "needs root")) struct VerifierTests {
  /// Loads one program of refused.bpf.c.
  static func refusal(of program: String) throws -> BPFError? {
    #expect(throws: BPFError.self) {
      try TestObject.open("refused") { object in
        for other in ["overread", "overread_late"] where other != program {
          try object.setAutoload(program: other, false)
        }
        _ = try object.load()
      }
    }
  }

  /// The verifier's log as bpftool prints it when it loads the object's first program.
  static func bpftoolLog() throws -> [Substring] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["bpftool", "prog", "load", TestObject.path("refused"), "/sys/fs/bpf/mvt\(getpid())"]
    let pipe = Pipe()
    process.standardError = pipe
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus != 0)
    let lines = text.split(separator: "\n")
    let begin = try #require(lines.firstIndex { $0.contains("BEGIN PROG LOAD LOG") })
    let end = try #require(lines.firstIndex { $0.contains("END PROG LOAD LOG") })
    return Array(lines[(begin + 1)..<end])
  }

  /// Whether that is what the verifier says of a read beyond a packet: of the packet by itself (check_packet_access), or as
  /// of any memory (Linux 7.2).
  static func saysBeyond(_ line: some StringProtocol, register: Int? = nil) -> Bool {
    let ends = ["offset is outside of the packet", "min value is outside of the allowed memory range"]
    guard let register else { return ends.contains { line.hasSuffix($0) } }
    return ends.contains { line == "R\(register) \($0)" }
  }

  @Test func theTellingLineComesFirstAndTheWholeLogBehindIt() throws {
    let error = try #require(try Self.refusal(of: "overread"))
    #expect(error.code == .load && error.errno == .permissionDenied)
    let telling = try #require(error.log.first)
    #expect(Self.saysBeyond(telling, register: 1), "\(telling)")
    #expect(error.description.hasSuffix("Permission denied (EACCES): \(telling)"))
    let theirs = try Self.bpftoolLog()
    #expect(theirs.dropLast().last == Substring(telling))
    #expect(theirs.count > 5)
    let ours = error.log[1...].map { Substring($0) }
    let theirsWithout = theirs.filter { $0 != Substring(telling) }
    #expect(ours.filter(theirsWithout.contains) == theirsWithout)
  }

  @Test func theTellingLineOfAVeryLongLog() throws {
    let error = try #require(try Self.refusal(of: "overread_late"))
    #expect(error.log.reduce(0) { $0 + $1.utf8.count } > 500_000)
    #expect(error.log.first.map { Self.saysBeyond($0) } == true, "\(error.log.first ?? "")")
    #expect(error.log.contains { $0.hasPrefix("processed ") })
    #expect(error.log.contains { $0.hasPrefix("0: ") }, "the log is there from the first instruction on")
  }

  @Test func aProgramOfInstructions() throws {
    // skb->data, then an octet behind it that may not be there.
    let error = #expect(throws: BPFError.self) {
      try Program.load([.load32(2, 1, offset: 76), .load32(0, 2, offset: 0), .exit], name: "mvt_overread")
    }
    #expect(error?.message == "load BPF program mvt_overread")
    #expect(error?.log.first.map { Self.saysBeyond($0, register: 2) } == true)
    let nothing = #expect(throws: BPFError.self) { try Program.load([.exit], name: "mvt_nothing") }
    #expect(nothing?.log.first == "R0 !read_ok")
    let empty = #expect(throws: BPFError.self) { try Program.load([], name: "mvt_empty") }
    #expect(empty?.log.isEmpty == true && empty?.code == .load)
  }

  @Test func aVeryLongProgramOfInstructions() throws {
    let steps = (0..<20_000).map { Instruction.set(2, $0) }
    #expect(throws: Never.self) { try Program.load(steps + [.set(0, 0), .exit], name: "mvt_long") }
    let error = #expect(throws: BPFError.self) { try Program.load(steps + [.exit], name: "mvt_long") }
    #expect(error?.log.first == "R0 !read_ok")
    #expect((error?.log.count ?? 0) > 20_000)
  }

  /// Each error has its own log: nothing is left of the one before, on this thread or another.
  @Test func logsDoNotMix() throws {
    _ = try Self.refusal(of: "overread_late")
    let missing = #expect(throws: BPFError.self) {
      try TestObject.open("counters") { object in try object.setMaxEntries(map: "nowhere", 1) }
    }
    #expect(missing?.log.isEmpty == true)
    #expect((try Self.refusal(of: "overread")?.log.count ?? .max) < 100)
  }
}
