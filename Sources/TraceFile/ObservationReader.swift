import FoundationEssentials
import SystemPackage
public import TraceModel

/// Reads saved observations: hostile input, and often cut off.
///
/// Every whole block is used up to the first that is missing or not as it was written. What is lost by that stands in the
/// observation as a degradation, and in its losses: from what is not in the file nothing can be concluded.
public struct ObservationReader {
  private var blocks: BlockReader
  private let name: String
  private let decoder = JSONDecoder()

  private init(_ name: String, _ source: @escaping (Int) throws -> [UInt8]) {
    self.name = name
    blocks = BlockReader(source)
  }

  /// Reads a file, a device or a pipe.
  ///
  /// - Throws: `TraceFileError`, one line that names the file.
  public static func read(_ path: String) throws(TraceFileError) -> Observation {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
      return try file.closeAfter {
        var reader = ObservationReader(path) { count in
          try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, read in
            read = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer))
          }
        }
        return try reader.observation()
      }
    } catch let error as TraceFileError {
      throw error
    } catch {
      throw TraceFileError("read \(path)", error, try: "name a file that `macvtrace attach --output` wrote")
    }
  }

  /// Reads what `ObservationWriter` wrote.
  ///
  /// - Parameter name: what an error calls the file.
  /// - Throws: `TraceFileError`.
  public static func read(_ octets: [UInt8], named name: String) throws -> Observation {
    var rest = octets[...]
    var reader = ObservationReader(name) { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    return try reader.observation()
  }

  private mutating func observation() throws -> Observation {
    try checkForm()
    guard let first = try blocks.next(), first.kind == .head, let head = part(HeadPart.self, first) else {
      throw TraceFileError(
        .damaged,
        "\(name) ends before its first block, or that is damaged: nothing of the observation is left")
    }
    var reading = ObservationReading(head)
    var ending: BlockReader.Ending?
    while let block = try blocks.next() {
      guard try use(block, &reading) else {
        ending = .damaged
        break
      }
    }
    return try reading.observation(
      ending: ending ?? blocks.ending, blocks: ending == nil ? blocks.count : blocks.count - 1, name: name)
  }

  private mutating func checkForm() throws {
    guard let line = try blocks.firstLine(), line.hasPrefix(FileForm.name) else {
      throw TraceFileError(
        .foreign, "\(name) is no saved observation; `macvtrace attach --output FILE` writes one")
    }
    let version = line.dropFirst(FileForm.name.count)
    guard version == FileForm.version else {
      throw TraceFileError(
        .version,
        "\(name) has version \(version) of the form, and this macvtrace reads version \(FileForm.version); use the "
          + "macvtrace that wrote it")
    }
  }

  /// Whether the block is what its kind says.
  private func use(_ block: BlockReader.Block, _ reading: inout ObservationReading) throws -> Bool {
    switch block.kind {
    case .head, .end: return false
    case .counters: return try append(block, to: &reading.counters)
    case .sightings: return try append(block, to: &reading.sightings)
    case .drops: return try append(block, to: &reading.drops)
    case .neighborEvents: return try append(block, to: &reading.neighborEvents)
    case .changes: return try append(block, to: &reading.changes)
    case .after:
      reading.after = part(Topology.self, block)
      return reading.after != nil
    case .rest:
      reading.rest = part(RestPart.self, block)
      return reading.rest != nil
    case nil:
      reading.unknownBlocks += 1
      return true
    }
  }

  private func append<Element: Decodable>(_ block: BlockReader.Block, to list: inout [Element]) throws -> Bool
  {
    guard let elements = part([Element].self, block) else { return false }
    guard list.count + elements.count <= FileForm.mostElements else {
      throw TraceFileError(.outOfBounds, "\(name) has more records than any observation")
    }
    list += elements
    return true
  }

  private func part<Part: Decodable>(_ type: Part.Type, _ block: BlockReader.Block) -> Part? {
    try? decoder.decode(type, from: Data(block.payload))
  }
}
