/// What a person calls a namespace.
enum NamespaceLabel {
  /// The parent's own namespace.
  static let host = "host"
  /// A namespace that this process cannot see.
  static let unreachable = "unreachable"

  /// A name under /run/netns.
  static func named(_ name: String) -> String { isTaken(name) ? "netns \(name)" : name }

  /// The name of the container that lives in it.
  static func container(_ name: String) -> String { isTaken(name) ? "container \(name)" : name }

  /// One without a name.
  static func inode(_ inode: UInt64) -> String { "net:[\(inode)]" }

  /// Whether a report would take the name for something else.
  private static func isTaken(_ name: String) -> Bool { name == host || name == unreachable }
}
