/// Names one interface on one machine: a network namespace and an index in it.
///
/// Interface indexes repeat across namespaces, and names do even more; the pair does not.
public struct InterfaceID: Hashable, Comparable, Sendable {
  /// The inode of the network namespace (what `readlink /proc/self/ns/net` shows); 0 when the namespace
  /// could not be entered and the interface is known by its MAC address alone.
  public let namespace: UInt64
  /// The interface index in that namespace.
  public let ifindex: UInt32

  /// Names the interface `ifindex` of the namespace with that inode.
  public init(namespace: UInt64, ifindex: UInt32) {
    self.namespace = namespace
    self.ifindex = ifindex
  }

  /// Orders by namespace, then by index.
  public static func < (left: InterfaceID, right: InterfaceID) -> Bool {
    (left.namespace, left.ifindex) < (right.namespace, right.ifindex)
  }
}

extension InterfaceID: CustomStringConvertible {
  /// `NAMESPACE:IFINDEX`, as in the JSON report.
  public var description: String { "\(namespace):\(ifindex)" }

  /// Reads `NAMESPACE:IFINDEX`; `nil` for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let namespace = UInt64(parts[0]), let ifindex = UInt32(parts[1]) else {
      return nil
    }
    self.init(namespace: namespace, ifindex: ifindex)
  }
}

extension InterfaceID: Codable {
  /// Reads the textual form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = InterfaceID(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an interface id: \(text)")
    }
    self = value
  }

  /// Writes the textual form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
