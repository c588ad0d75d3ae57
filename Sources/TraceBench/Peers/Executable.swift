import Glibc

/// Commands of this machine.
enum Executable {
  /// Whether a command is there, by its path or in PATH.
  static func isThere(_ name: String) -> Bool {
    if name.contains("/") { return access(name, X_OK) == 0 }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
  }
}
