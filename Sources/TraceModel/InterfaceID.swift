/// Names one interface on one machine: a network namespace and an index in it.
///
/// Interface indexes repeat across namespaces, and names do even more; the pair does not. Where several machines' reports
/// are joined, the machine's number comes before them.
public struct InterfaceID: Hashable, Comparable, Sendable {
  /// The inode of the network namespace (what `readlink /proc/self/ns/net` shows); 0 when the namespace
  /// could not be entered and the interface is known by its MAC address alone.
  public let namespace: UInt64
  /// The interface index in that namespace.
  public let ifindex: UInt32
  /// The machine's number in a joined report, from 1 on; 0 where there is only one.
  public let host: UInt16

  /// Names the interface `ifindex` of the namespace with that inode.
  public init(namespace: UInt64, ifindex: UInt32, host: UInt16 = 0) {
    self.namespace = namespace
    self.ifindex = ifindex
    self.host = host
  }

  /// Orders by machine, then by namespace, then by index.
  public static func < (left: InterfaceID, right: InterfaceID) -> Bool {
    (left.host, left.namespace, left.ifindex) < (right.host, right.namespace, right.ifindex)
  }

  /// The same interface as that machine's in a joined report.
  public func on(host: UInt16) -> InterfaceID {
    InterfaceID(namespace: namespace, ifindex: ifindex, host: host)
  }
}

extension InterfaceID: CustomStringConvertible {
  /// `NAMESPACE:IFINDEX`, as in the JSON report; `HOST/NAMESPACE:IFINDEX` in a joined one.
  public var description: String { (host == 0 ? "" : "\(host)/") + "\(namespace):\(ifindex)" }

  /// Reads what `description` writes; `nil` for anything else.
  public init?(_ text: String) {
    var rest = text[...]
    var host: UInt16 = 0
    if let slash = text.firstIndex(of: "/") {
      guard let number = UInt16(text[..<slash]), number > 0 else { return nil }
      host = number
      rest = text[text.index(after: slash)...]
    }
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let namespace = UInt64(parts[0]), let ifindex = UInt32(parts[1]) else {
      return nil
    }
    self.init(namespace: namespace, ifindex: ifindex, host: host)
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
