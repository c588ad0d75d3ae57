import BPF
import Foundation
import LinuxNamespaces
import SystemPackage
import TestSupport
import Testing

@Suite("The ring buffer", .enabled(if: isRoot, "needs root")) struct RingBufferTests {
  /// Programs that write records, and the ring that they write to.
  struct Bench {
    let record: Program, discard: Program
    /// None where the kernel lacks what it waits with.
    let hold: Program?
    let map: Map
    let ring: RingBuffer
    let lost: GlobalVariable<UInt64>
    let holds: GlobalVariable<UInt32>, released: GlobalVariable<UInt32>, gaveUp: GlobalVariable<UInt32>

    init(size: UInt32 = 4096) throws {
      self = try TestObject.open("ring") { object in
        try object.setMaxEntries(map: "records", size)
        try object.setAutoload(program: "hold", Feature.loopHelper.isPresent)
        let loaded = try object.load()
        return try Bench(loaded)
      }
    }

    private init(_ loaded: borrowing LoadedObject) throws {
      record = try loaded.program("record")
      discard = try loaded.program("discard")
      hold = Feature.loopHelper.isPresent ? try loaded.program("hold") : nil
      map = try loaded.map("records")
      ring = try RingBuffer(map)
      lost = try loaded.global("lost", as: UInt64.self)
      holds = try loaded.global("holds", as: UInt32.self)
      released = try loaded.global("released", as: UInt32.self)
      gaveUp = try loaded.global("gave_up", as: UInt32.self)
    }

    /// Writes a record; whether there was room.
    func write(_ record: [UInt8]) throws -> Bool { try self.record.testRun(packet: record).returnValue == 0 }

    func drain(limit: Int = .max) -> [[UInt8]] {
      var records: [[UInt8]] = []
      let count = ring.drain(limit: limit) { records.append(Array($0)) }
      #expect(count == records.count)
      return records
    }
  }

  /// A record that tells its number, of that many octets.
  static func record(_ number: Int, length: Int) -> [UInt8] {
    (0..<length).map { UInt8(truncatingIfNeeded: $0 < 2 ? number >> (8 * $0) : number &* 31 &+ $0) }
  }

  @Test func recordsOfManySizesComeInOrder() throws {
    let bench = try Bench(size: 1 << 20)
    #expect(bench.drain().isEmpty && bench.ring.available == 0)
    let sent = (0..<300).map { Self.record($0, length: 14 + $0 * 7 % 1900) }
    for record in sent { #expect(try bench.write(record)) }
    // A header of 8 octets each, all rounded up to 8 (kernel/bpf/ringbuf.c).
    #expect(bench.ring.available == sent.reduce(0) { $0 + (8 + $1.count + 7) / 8 * 8 })
    #expect(bench.drain(limit: 100) == Array(sent[..<100]))
    #expect(bench.drain(limit: 0).isEmpty)
    #expect(bench.drain() == Array(sent[100...]))
    #expect(bench.drain().isEmpty && bench.ring.available == 0)
  }

  /// Across the end of a ring of one page a thousand times, with every place where a record can meet it.
  @Test func theRingWrapsAround() throws {
    let bench = try Bench()
    #expect(bench.map.maxEntries == Int(getpagesize()))
    var waiting: [[UInt8]] = []
    for number in 0..<4000 {
      let record = Self.record(number, length: 14 + number % 900)
      #expect(try bench.write(record))
      waiting.append(record)
      if number % 4 == 3 {
        #expect(bench.drain() == waiting)
        waiting = []
      }
    }
    #expect(bench.lost.value == 0)
  }

  @Test func whatFindsNoRoomIsCountedAndTheRestIsWhole() throws {
    let bench = try Bench()
    var kept: [[UInt8]] = []
    for number in 0..<100 {
      let record = Self.record(number, length: 100)
      if try bench.write(record) { kept.append(record) }
    }
    // 112 octets each, and the kernel leaves no room for a record that fills the last octet.
    #expect((4096 / 112 - 1...4096 / 112).contains(kept.count))
    #expect(kept.count + Int(bench.lost.value) == 100)
    #expect(bench.drain() == kept)
    let late = Self.record(100, length: 100)
    #expect(try bench.write(late))
    #expect(bench.drain() == [late], "there is room again")
  }

  @Test func discardedRecordsAreSkipped() throws {
    let bench = try Bench()
    let records = (0..<3).map { Self.record($0, length: 20 + $0) }
    for record in records {
      _ = try bench.discard.testRun(packet: record)
      #expect(try bench.write(record))
      _ = try bench.discard.testRun(packet: record)
    }
    #expect(bench.drain(limit: 2) == Array(records[..<2]))
    #expect(bench.drain() == [records[2]])
    #expect(bench.ring.available == 0)
  }

  /// A record that is reserved and not submitted holds those behind it back.
  @Test(.needs(.loopHelper), .enabled(if: sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1, "needs two CPUs"))
  func aBusyRecordAtTheHeadIsWaitedFor() throws {
    let bench = try Bench()
    let hold = try #require(bench.hold)
    let before = Self.record(1, length: 30)
    let behind = Self.record(2, length: 40)
    #expect(try bench.write(before))
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      try? onCPU(1) { _ = try hold.testRun(packet: before) }
      ended.signal()
    }
    // Elsewhere, as nothing interrupts a program.
    let (hasRoom, meanwhile, waits) = try onCPU(0) {
      for _ in 0..<50_000 where bench.holds.value == 0 { usleep(200) }
      let hasRoom = try bench.write(behind)
      let meanwhile = [bench.drain(), bench.drain()]
      let waits = bench.ring.available
      try bench.released.set(1)
      return (hasRoom, meanwhile, waits)
    }
    ended.wait()
    #expect(
      bench.holds.value == 1 && bench.gaveUp.value == 0, "the program held its record until it was released")
    #expect(hasRoom && meanwhile == [[before], []])
    #expect(waits == 16 + 48)
    #expect(bench.drain() == [[UInt8(ascii: "H")], behind])
  }

  @Test func theReaderIsWokenUp() throws {
    let bench = try Bench()
    #expect(!bench.ring.wait(milliseconds: 0))
    let record = Self.record(1, length: 14)
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      usleep(20_000)
      _ = try? bench.write(record)
      ended.signal()
    }
    #expect(bench.ring.wait(milliseconds: 10_000))
    ended.wait()
    #expect(bench.drain() == [record])
    #expect(!bench.ring.wait(milliseconds: 0))
  }

  @Test func anyOtherMapIsNoRing() throws {
    let map = try Map.create(type: MapType.array, keySize: 4, valueSize: 8, maxEntries: 1, name: "mvt_array")
    let error = #expect(throws: BPFError.self) { try RingBuffer(map) }
    #expect(error?.code == .ringBuffer && error?.message.contains("mvt_array") == true)
  }

  /// The kernel wants a power of two of pages; libbpf rounds what an object asks for up to that.
  @Test func sizesOfARing() throws {
    let odd = #expect(throws: BPFError.self) {
      try Map.create(type: MapType.ringBuffer, keySize: 0, valueSize: 0, maxEntries: 5000, name: "mvt_ring")
    }
    #expect(odd?.errno.symbol == "EINVAL")
    let bench = try Bench(size: 5000)
    #expect(try BPFTool.object("map", "show", "id", "\(bench.map.id)")["max_entries"] as? Int == 8192)
    #expect(bench.map.maxEntries == 8192)
    let record = Self.record(1, length: 2000)
    for _ in 0..<20 {
      #expect(try bench.write(record))
      #expect(bench.drain() == [record])
    }
  }
}
