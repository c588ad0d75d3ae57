import BPF
import Foundation
import Testing

@Suite("The barrier behind programs", .enabled(if: isRoot, "needs root")) struct ProgramBarrierTests {
  @Test func itIsPassedWhenTheProgramThatRanHasEnded() throws {
    let (program, map, programs) = try TestObject.open("slow") { object in
      let loaded = try object.load()
      return (try loaded.program("slow"), try loaded.map("stage"), try loaded.map("self"))
    }
    try programs.set(0, to: program)
    let stage = try map.mapped(writable: true)
    let barrier = try ProgramBarrier()
    // On a busy machine the program may be over before anybody looks.
    for _ in 0..<20 {
      stage.bytes.storeBytes(of: 0, as: UInt64.self)
      let runner = Thread { _ = try? program.testRun(packet: TestObject.frame(0)) }
      runner.start()
      let deadline = Date.now.addingTimeInterval(10)
      while stage.load(0, as: UInt64.self) == 0, Date.now < deadline {}
      let isRunning = stage.load(0, as: UInt64.self) == 1
      try barrier.wait()
      let seen = stage.load(0, as: UInt64.self)
      if isRunning {
        #expect(seen == 2)
        return
      }
    }
    Issue.record("the program never ran for longer than it takes to look")
  }

  @Test func whereNothingRunsItIsPassedSoon() throws {
    let barrier = try ProgramBarrier()
    let start = Date.now
    for _ in 0..<3 { try barrier.wait() }
    #expect(Date.now.timeIntervalSince(start) < 5)
  }
}
