import CLinux
public import SystemPackage

extension Errno {
  /// The error's name in C, such as `ENOENT`; its number where it has none.
  public var symbol: String { clinux_error_name(rawValue).map { String(cString: $0) } ?? "errno \(rawValue)" }
}
