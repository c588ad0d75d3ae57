/// Takes a file apart into blocks, as far as they are whole.
struct BlockReader {
  /// Why there is no further block.
  enum Ending {
    /// The end block was read.
    case whole
    /// The file is over before its end block, or within a block.
    case cut
    /// A block is not as it was written.
    case damaged
  }

  /// A whole block; the kind is `nil` where this macvtrace does not know it.
  struct Block {
    var kind: BlockKind?
    /// Not compressed.
    var payload: [UInt8]
  }

  private let source: (Int) throws -> [UInt8]
  /// Blocks that were read, the end among them.
  private(set) var count = 0
  /// Why `next` gave `nil`.
  private(set) var ending = Ending.cut
  private var total = 0

  /// Reads through a function that gives at most so many octets, and none at the end of the file.
  init(_ source: @escaping (Int) throws -> [UInt8]) { self.source = source }

  /// The first line without its line feed; `nil` when there is none.
  mutating func firstLine() throws -> String? {
    var line: [UInt8] = []
    while line.count < FileForm.longestLine {
      let octet = try read(1)
      guard let octet = octet.first else { return nil }
      if octet == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(octet)
    }
    return nil
  }

  /// The next whole block; `nil` when there is none, for the reason that `ending` then has.
  mutating func next() throws -> Block? {
    let header = try read(FileForm.headerSize)
    guard header.count == FileForm.headerSize else { return stop(.cut) }
    let length = Int(BigEndian.number(header[4..<8]))
    guard length <= FileForm.largestPayload, count < FileForm.mostBlocks else { return stop(.damaged) }
    let payload = try read(length)
    guard payload.count == length else { return stop(.cut) }
    guard Zlib.checksum(Array(header[..<8]), payload) == BigEndian.number(header[8...]) else {
      return stop(.damaged)
    }
    let kind = BlockKind(octets: header[..<4])
    if kind == .end {
      count += 1
      return stop(.whole)
    }
    let limit = min(FileForm.largestPayload, FileForm.largestTotal - total)
    guard let content = Zlib.decompress(payload, limit: limit) else { return stop(.damaged) }
    total += content.count
    count += 1
    return Block(kind: kind, payload: content)
  }

  private mutating func stop(_ ending: Ending) -> Block? {
    self.ending = ending
    return nil
  }

  /// So many octets, or what is left; in pieces, as a length may be a lie.
  private func read(_ length: Int) throws -> [UInt8] {
    var octets: [UInt8] = []
    while octets.count < length {
      let piece = try source(min(length - octets.count, 1 << 20))
      if piece.isEmpty { break }
      octets += piece
    }
    return octets
  }
}
