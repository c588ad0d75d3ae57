/// Why a value has no form on the wire.
public enum BuildError: Error, Hashable, Sendable {
  /// A length of `count` does not fit the field, which ends at `limit`.
  case tooLong(Layer, field: String, count: Int, limit: Int)
  /// The layer needs addresses of the other family.
  case wrongAddressFamily(Layer)
}

extension BuildError: CustomStringConvertible {
  /// One sentence, such as "IPv4 cannot say a total length of 70000: its limit is 65535".
  public var description: String {
    switch self {
    case .tooLong(let layer, let field, let count, let limit):
      "\(layer.rawValue) cannot say a \(field) of \(count): its limit is \(limit)"
    case .wrongAddressFamily(let layer): "\(layer.rawValue) cannot carry an address of the other family"
    }
  }

  /// `count` as the number of a length field; throws `tooLong` when it does not fit.
  static func length(_ count: Int, _ field: String, of layer: Layer, limit: Int = 0xffff) throws(BuildError)
    -> Int
  {
    guard (0...limit).contains(count) else {
      throw .tooLong(layer, field: field, count: count, limit: limit)
    }
    return count
  }
}
