/// Why octets could not be read as a layer.
public enum ParseFailure: Error, Hashable, Sendable {
  /// The layer's octets end too early: reading needs the first `needed` of them, and `available` are there.
  case truncated(Layer, needed: Int, available: Int)
  /// A field holds what its standard forbids or what PacketKit does not read.
  case unexpected(Layer, field: String, value: Int)
}

extension ParseFailure: CustomStringConvertible {
  /// One sentence, such as "IPv4 is cut off: 7 of 20 octets are there".
  public var description: String {
    switch self {
    case .truncated(let layer, let needed, let available):
      "\(layer.rawValue) is cut off: \(available) of \(needed) octets are there"
    case .unexpected(let layer, let field, let value):
      "\(layer.rawValue) has the \(field) \(value), which cannot be read"
    }
  }
}
