/// The form of a saved observation: a line with its name and version, then blocks.
///
///     macvtrace.observation/2\n
///     kind (4) | length (4) | CRC-32 (4) | payload (length)
///     ...
///
/// Numbers are big-endian. The CRC (that of zlib and IEEE 802.3) covers kind, length and payload. A payload is the JSON of
/// one part of the observation, as a zlib stream (RFC 1950). Whole blocks can be read however the file ends.
enum FileForm {
  /// Before the version.
  static let name = "macvtrace.observation/"
  /// What is written, and all that is read.
  static let version = "2"
  /// The longest first line that is looked for.
  static let longestLine = 64

  static let firstLine = Array("\(name)\(version)\n".utf8)

  /// The octets of a block before its payload.
  static let headerSize = 12
  /// The octets of a payload, whether compressed or not: what a hostile file can make a reader hold for one block.
  static let largestPayload = 256 << 20
  /// The octets of all payloads of a file, not compressed.
  static let largestTotal = 2 << 30
  /// The blocks of a file.
  static let mostBlocks = 1 << 16
  /// The elements of one list in all of its blocks.
  static let mostElements = 1 << 23
  /// The elements of one list in one block.
  static let elementsPerBlock = 4096
}
