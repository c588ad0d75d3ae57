import FoundationEssentials
import Glibc
import SystemPackage
public import TraceModel

/// Reads what `macvtrace measure --output` saved: the JSON document that `--json` prints.
public enum RunReader {
  /// The octets of the longest document that is read.
  private static let longest = 256 << 20

  private struct Head: Decodable { var schema: String? }

  /// Whether a file begins as a JSON document does, and not as an observation. Of a pipe nothing may be read beforehand: it
  /// holds no run.
  public static func isRun(_ path: String) -> Bool {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else {
      return false
    }
    defer { try? file.close() }
    var status = stat()
    guard unsafe fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    var octets = [UInt8](repeating: 0, count: 64)
    let count = (try? unsafe octets.withUnsafeMutableBytes { try unsafe file.read(into: $0) }) ?? 0
    return octets[..<count].first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } == UInt8(ascii: "{")
  }

  /// Reads a run.
  ///
  /// - Throws: `TraceFileError`, one line with what is wrong and what to try.
  public static func read(_ path: String) throws(TraceFileError) -> SavedRun {
    let document = Data(try contents(path))
    let decoder = JSONDecoder()
    do {
      switch try decoder.decode(Head.self, from: document).schema {
      case PathMeasurement.schema:
        return .measurement(try decoder.decode(PathMeasurement.self, from: document))
      case Comparison.schema: return .comparison(try decoder.decode(Comparison.self, from: document))
      case nil:
        throw TraceFileError(
          .foreign, "\(path) is no saved observation; `macvtrace attach --output FILE` writes one")
      case let schema? where isKnownKind(schema):
        throw TraceFileError(
          .version, "\(path) is \(schema), which this macvtrace does not read; try a later macvtrace")
      case let schema?:
        throw TraceFileError(
          .foreign, "\(path) is \(schema), no saved run; `macvtrace measure --output` makes one")
      }
    } catch let error as TraceFileError {
      throw error
    } catch {
      throw TraceFileError(
        .damaged, "\(path) is no run that `macvtrace measure --output` saved, or not all of it; measure again"
      )
    }
  }

  private static func isKnownKind(_ schema: String) -> Bool {
    [PathMeasurement.schema, Comparison.schema].contains {
      $0.split(separator: "/").first == schema.split(separator: "/").first
    }
  }

  private static func contents(_ path: String) throws(TraceFileError) -> [UInt8] {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
      return try file.closeAfter {
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
          let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
          if count == 0 { return octets }
          octets += buffer[..<count]
          guard octets.count <= longest else {
            throw TraceFileError(.outOfBounds, "\(path) is longer than any saved run; choose another file")
          }
        }
      }
    } catch let error as TraceFileError {
      throw error
    } catch {
      throw TraceFileError("read \(path)", error, try: "choose another file")
    }
  }
}
