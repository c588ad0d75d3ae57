/// Why a capture file cannot be written or read.
public enum PcapngError: Error, Hashable, Sendable {
  /// The file does not begin with a section header: it is no pcapng file.
  case notPcapng
  /// A packet names an interface that is not there.
  case unknownInterface(Int)
}

extension PcapngError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .notPcapng: "the file does not begin with a section header block: it is no pcapng file"
    case .unknownInterface(let index): "interface \(index) is not described before its first packet"
    }
  }
}
