import Testing
import TraceModel

@testable import TraceFile

/// Files that are cut off, damaged or made to harm: what is whole is used, the rest is said, and nothing traps.
@Suite struct DamagedFileTests {
  /// Where each block of a file begins, and where the last one ends.
  private static func borders(_ octets: [UInt8]) -> [Int] {
    var borders = [FileForm.firstLine.count]
    while let last = borders.last, last + FileForm.headerSize <= octets.count {
      borders.append(last + FileForm.headerSize + Int(BigEndian.number(octets[(last + 4)...])))
    }
    return borders
  }

  private static func note(_ observation: Observation) -> String? {
    observation.degradations.first { $0.feature == "saved observation" }?.consequence
  }

  /// A file as it is written, of these blocks.
  private static func file(_ blocks: [(String, [UInt8])]) -> [UInt8] {
    FileForm.firstLine
      + blocks.flatMap { kind, payload in
        let start = Array(kind.utf8) + BigEndian.octets(UInt32(payload.count))
        return start + BigEndian.octets(Zlib.checksum(start, payload)) + payload
      }
  }

  /// The blocks of a file as they are written.
  private static func blocks(_ octets: [UInt8]) -> [(String, [UInt8])] {
    let borders = borders(octets)
    return zip(borders, borders.dropFirst()).map { start, end in
      (
        String(decoding: octets[start..<start + 4], as: UTF8.self),
        Array(octets[(start + FileForm.headerSize)..<end])
      )
    }
  }

  @Test func aFileThatIsCutOffAnywhereGivesTheBlocksBefore() throws {
    let octets = try Full.written(Full.observation)
    let borders = Self.borders(octets)
    #expect(borders.count == 10 && borders.last == octets.count, "nine blocks")
    let lengths = Set(stride(from: 0, to: octets.count, by: 5)).union(
      borders.flatMap { [$0 - 1, $0, $0 + 1] })
    for length in lengths.sorted() where length < octets.count {
      let whole = borders.count { $0 <= length } - 1
      let cut = Array(octets.prefix(length))
      if whole < 1 {
        #expect(throws: TraceFileError.self) { try ObservationReader.read(cut, named: "file") }
        continue
      }
      let read = try ObservationReader.read(cut, named: "file")
      #expect(Self.note(read)?.hasPrefix("file ends early: \(whole) of its 9 blocks were read; ") == true)
      #expect(read.before == Full.observation.before)
      #expect(read.counters == (whole > 1 ? Full.observation.counters : []))
      #expect(read.sightings == (whole > 2 ? Full.observation.sightings : []))
      #expect(read.changes == (whole > 5 ? Full.observation.changes : []))
      #expect(read.after == (whole > 6 ? Full.observation.after : Full.observation.before))
      #expect(read.loss.explainingFramesLost > 0, "nothing is concluded from what is not there")
      // Counters that are missing are not called exact.
      #expect(whole > 1 || read.blindHooks.count == 4)
    }
  }

  @Test func aFileWithoutItsEndAloneHasLostNothing() throws {
    var whole = Full.observation
    whole.loss = Loss()
    let octets = try Full.written(whole)
    let read = try ObservationReader.read(Array(octets.dropLast()), named: "file")
    #expect(read.loss == whole.loss && read.blindHooks == whole.blindHooks)
    #expect(Self.note(read) == "file ends early: 8 of its 9 blocks were read; nothing but its end is missing")
  }

  /// What was cut off is what came last: until the last sighting that is there, all are.
  @Test func theWindowEndsWithTheLastSightingThatIsThere() throws {
    var long = Full.observation
    long.loss = Loss()
    long.sightings = (0..<9000).map { number in
      var sighting = Full.observation.sightings[0]
      sighting.time = 2_000_000 + UInt64(number)
      return sighting
    }
    let octets = try Full.written(long)
    let borders = Self.borders(octets)
    let read = try ObservationReader.read(Array(octets.prefix(borders[4] + 5)), named: "file")
    #expect(read.sightings == Array(long.sightings.prefix(8192)))
    #expect(read.window.monotonicEnd == 2_000_000 + 8191)
    #expect(read.loss.sightingsDropped == 808 && read.loss.explainingFramesLost == 808)
    #expect(Self.note(read)?.contains("missing: 808 sightings, 1 drops") == true)
  }

  @Test func anOctetThatChangedEndsTheFileBeforeItsBlock() throws {
    let octets = try Full.written(Full.observation)
    let borders = Self.borders(octets)
    let places = Set(stride(from: borders[1], to: octets.count, by: 5)).union(
      borders.dropFirst().dropLast().flatMap { $0..<($0 + FileForm.headerSize) })
    for place in places.sorted() {
      for bit in [UInt8(1), 0x80] {
        var changed = octets
        changed[place] ^= bit
        let whole = borders.count { $0 <= place } - 1
        let read = try ObservationReader.read(changed, named: "file")
        #expect(Self.note(read)?.contains("\(whole) of its 9 blocks were read") == true, "at \(place)")
      }
    }
    for place in stride(from: 0, to: borders[1], by: 3) {
      var changed = octets
      changed[place] ^= 1
      #expect(throws: TraceFileError.self, "at \(place)") {
        try ObservationReader.read(changed, named: "file")
      }
    }
  }

  @Test func anotherVersionIsRefusedByItsNumber() throws {
    let octets = Array("macvtrace.observation/3\n".utf8) + (try Full.written(Full.observation)).dropFirst(24)
    let error = #expect(throws: TraceFileError.self) { try ObservationReader.read(octets, named: "file") }
    #expect(error?.code == .version)
    #expect(error?.description.contains("version 3 of the form, and this macvtrace reads version 2") == true)
  }

  @Test func whatIsNoSavedObservationIsRefused() {
    for text in ["", "\n", "{\"schema\": \"macvtrace.report/1\"}\n", String(repeating: "x", count: 5000)] {
      let error = #expect(throws: TraceFileError.self) {
        try ObservationReader.read(Array(text.utf8), named: "file")
      }
      #expect(error?.code == .foreign)
    }
  }

  @Test func aBlockThatUnpacksToTooMuchIsRefused() throws {
    let zeros = try #require(Zlib.compress([UInt8](repeating: 0, count: 1 << 20)))
    #expect(Zlib.decompress(zeros, limit: 1 << 20)?.count == 1 << 20)
    #expect(Zlib.decompress(zeros, limit: 1 << 20 - 1) == nil)
    #expect(Zlib.decompress(Array(zeros.dropLast()), limit: 1 << 20) == nil, "cut off")
    #expect(Zlib.decompress(zeros + [0], limit: 1 << 20) == nil, "something behind it")
    #expect(Zlib.decompress([], limit: 10) == nil)
  }

  @Test func aBlockThatClaimsALengthWithoutHavingItIsCut() throws {
    let octets = try Full.written(Full.observation)
    let head = Array(octets.prefix(Self.borders(octets)[1]))
    for length in [UInt32.max, 1 << 31, 1 << 28, 100] {
      let read = try ObservationReader.read(
        head + Array("CNTR".utf8) + BigEndian.octets(length) + [1, 2, 3, 4, 5], named: "file")
      #expect(Self.note(read)?.contains("1 of its 9 blocks were read") == true)
    }
  }

  @Test func aBlockOfALaterKindIsLeftOutAndSaid() throws {
    var blocks = Self.blocks(try Full.written(Full.observation))
    blocks.insert(("NEWS", try #require(Zlib.compress(Array("{}".utf8)))), at: 3)
    var read = try ObservationReader.read(Self.file(blocks), named: "file")
    #expect(Self.note(read)?.contains("1 of its blocks are of a kind that this one does not know") == true)
    read.degradations.removeLast()
    #expect(read == Full.observation)
  }

  /// A whole block, well compressed, with a checksum that is right, and not what its kind says.
  @Test func aBlockWithOtherContentEndsTheFile() throws {
    let blocks = Self.blocks(try Full.written(Full.observation))
    let contents = ["", "null", "[1]", "{}", "[{\"time\": -1}]", String(repeating: "[", count: 100_000)]
    for number in 1..<8 {
      for content in contents {
        var changed = blocks
        changed[number].1 = try #require(Zlib.compress(Array(content.utf8)))
        let read = try ObservationReader.read(Self.file(changed), named: "file")
        #expect(Self.note(read)?.hasPrefix("file is damaged: \(number) of its 9 blocks") == true, "\(number)")
      }
    }
  }

  @Test func numbersThatCannotBeAddedUpAreRefused() throws {
    let changes: [(inout Observation) -> Void] = [
      {
        $0.counters.append($0.counters[0]); $0.counters[0].frames = .max
      },
      { $0.counters[0].bytes = .max },
      { $0.sightings[0].time = .max },
      { $0.window.monotonicEnd = .max },
      { $0.window.seconds = 1e300 },
      { $0.loss.ringFull = .max },
      { $0.loss.overBudget = ["a": .max] },
      { $0.foldedCounters.frames = .max },
      { $0.blindHooks[0].since = .max },
    ]
    for change in changes {
      var hostile = Full.observation
      change(&hostile)
      let octets = try Full.written(hostile)
      let error = #expect(throws: TraceFileError.self) { try ObservationReader.read(octets, named: "file") }
      #expect(error?.code == .outOfBounds)
    }
  }
}
