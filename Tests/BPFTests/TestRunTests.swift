import BPF
import Foundation
import LinuxNamespaces
import SystemPackage
import TestSupport
import Testing

@Suite("Test runs", .enabled(if: isRoot, "needs root")) struct TestRunTests {
  static func program(_ name: String) throws -> Program {
    try TestObject.open("frames") { object in try object.load().program(name) }
  }

  @Test func theFrameTheVerdictAndTheContextComeBack() throws {
    let program = try Self.program("turn_around")
    let frame = (0..<100).map { UInt8($0) }
    // struct __sk_buff: the mark stands behind len and pkt_type (include/uapi/linux/bpf.h).
    var context = [UInt8](repeating: 0, count: 192)
    withUnsafeBytes(of: UInt32(0x00ff_00ff)) { context.replaceSubrange(8..<12, with: $0) }
    let run = try program.testRun(packet: frame, context: context, wantsPacket: true)
    #expect(run.returnValue == 100)
    #expect(run.packet == Array(frame[6..<12]) + Array(frame[0..<6]) + Array(frame[12...]))
    let mark = run.context.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self) }
    #expect(mark == 0x00ff_0100)
    let plain = try program.testRun(packet: frame)
    #expect(plain.packet.isEmpty && plain.context.isEmpty && plain.returnValue == 100)
  }

  @Test(arguments: [14, 15, 60, 1514, 3000]) func framesOfEveryLength(length: Int) throws {
    let run = try Self.program("turn_around").testRun(packet: TestObject.frame(1, length: length))
    #expect(run.returnValue == UInt32(length))
  }

  @Test(arguments: [0, 1, 13]) func aFrameThatIsTooShortIsAnError(length: Int) throws {
    let program = try Self.program("turn_around")
    let error = #expect(throws: BPFError.self) {
      try program.testRun(packet: [UInt8](repeating: 0, count: length))
    }
    #expect(error?.code == .testRun && error?.errno == .invalidArgument)
    #expect(error?.description == "test run of program turn_around: Invalid argument (EINVAL)")
  }

  @Test func aFrameThatGrowsTooMuchIsAnError() throws {
    let program = try Self.program("grow")
    let frame = TestObject.frame(1)
    #expect(try program.testRun(packet: frame).returnValue == 0)
    let error = #expect(throws: BPFError.self) { try program.testRun(packet: frame, wantsPacket: true) }
    #expect(error?.errno.symbol == "ENOSPC")
  }

  @Test func aContextThatIsRefused() throws {
    let program = try Self.program("turn_around")
    // len may not be set.
    let context: [UInt8] = [1] + [UInt8](repeating: 0, count: 191)
    let error = #expect(throws: BPFError.self) {
      try program.testRun(packet: TestObject.frame(1), context: context)
    }
    #expect(error?.errno == .invalidArgument)
  }

  @Test func repetitionsAreRuns() throws {
    let program = try Self.program("turn_around")
    let before = try program.information()
    #expect(before.runCount == 0)
    do {
      let statistics = try Program.enableStatistics()
      _ = try program.testRun(packet: TestObject.frame(1), repetitions: 1000)
      #expect(#expect(throws: BPFError.self) { try statistics.id() }?.errno == .invalidArgument)
    }
    _ = try program.testRun(packet: TestObject.frame(1), repetitions: 5)
    let after = try program.information()
    let shown = try BPFTool.object("prog", "show", "id", "\(after.id)")
    // Others may have the statistics on, too: the five count then.
    #expect([1000, 1005].contains(after.runCount) && after.runTimeNanoseconds > 0)
    #expect(shown["run_cnt"] as? Int == Int(after.runCount))
    #expect(shown["run_time_ns"] as? Int == Int(after.runTimeNanoseconds))
    #expect(shown["jited"] as? Bool == after.isCompiled)
    let descriptor = try descriptorInformation(program.fileDescriptor)
    #expect(descriptor["prog_id"] == "\(after.id)" && descriptor["run_cnt"] == "\(after.runCount)")
    // Linux 5.12.
    #expect(descriptor["recursion_misses"] ?? "0" == "\(after.recursionMisses)")
  }

  @Test(.needs(.liveTestRuns)) func framesOfALiveRunArriveAtTheInterface() throws {
    let namespace = try TestNamespace()
    try output(of: ["ip", "-n", namespace.name, "link", "add", "one", "type", "veth", "peer", "name", "two"])
    for name in ["one", "two"] { try output(of: ["ip", "-n", namespace.name, "link", "set", name, "up"]) }
    try TestObject.open("live") { object in
      let loaded = try object.load()
      let (make, arrive) = (try loaded.program("make"), try loaded.program("arrive"))
      let counts = try TypedMap(try loaded.map("counts"), key: UInt32.self, value: UInt64.self)
      try namespace.run {
        let ifindex = if_nametoindex("one")
        let link = try arrive.attachFilter(ifindex: ifindex, direction: .ingress)
        try make.runLive(packet: TestObject.frame(1, length: 100), ifindex: ifindex, repetitions: 1000)
        #expect(try counts.lookup(0)?.reduce(0, +) == 1000)
        #expect(try counts.lookup(1)?.reduce(0, +) == 1000)
        _ = consume link
        let nowhere = #expect(throws: BPFError.self) {
          try make.runLive(packet: TestObject.frame(1), ifindex: 1_000_000, repetitions: 1)
        }
        #expect(nowhere?.code == .testRun)
        let refused = #expect(throws: BPFError.self) {
          try arrive.runLive(packet: TestObject.frame(1), ifindex: ifindex, repetitions: 1)
        }
        #expect(refused?.code == .testRun)
      }
    }
  }
}
