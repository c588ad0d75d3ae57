import FoundationEssentials

/// Why a document could not be written.
public struct JSONRenderingError: Error, Sendable, CustomStringConvertible {
  /// What went wrong, in a sentence.
  public let description: String
}

/// The form that all JSON of macvtrace has: UTF-8, keys sorted, two blanks of indentation, one document.
enum JSONDocument {
  static func render(_ value: some Encodable) throws(JSONRenderingError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return escapingTerminalControls(in: Array(try encoder.encode(value))) + [UInt8(ascii: "\n")]
    } catch {
      throw JSONRenderingError(description: "the JSON document could not be written: \(error)")
    }
  }

  /// Writes DEL and the control characters U+0080 to U+009F as `\u00XX`.
  ///
  /// RFC 8259 (7) lets them stand as they are, but U+009B begins a command on a terminal that shows the
  /// document. They can only occur inside strings: all else in a JSON document is printable ASCII.
  static func escapingTerminalControls(in document: [UInt8]) -> [UInt8] {
    // Nearly every document is plain; 0xc2 leads the two octets of U+0080 to U+00BF.
    guard document.contains(where: { $0 == 0x7f || $0 == 0xc2 }) else { return document }
    var escaped: [UInt8] = []
    escaped.reserveCapacity(document.count)
    for byte in document {
      let follows = escaped.last == 0xc2
      if byte == 0x7f || (follows && (0x80...0x9f).contains(byte)) {
        if follows { escaped.removeLast() }
        escaped += Array("\\u00".utf8) + [hexDigit(byte >> 4), hexDigit(byte & 15)]
      } else {
        escaped.append(byte)
      }
    }
    return escaped
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
