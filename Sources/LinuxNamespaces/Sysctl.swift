import SystemPackage

/// Network settings of a namespace: files under /proc/sys/net (sysctl(8)).
///
/// Those files are the calling thread's namespace's, whoever mounted /proc (net_ctl_root.lookup in
/// net/sysctl_net.c asks the current task), so that they are read from inside.
public enum Sysctl {
  /// Reads settings of a namespace by their paths under /proc/sys/net, in one visit.
  ///
  /// - Returns: the first line of each; a setting that this kernel does not have is left out.
  public static func values(of paths: [String], in namespace: NetworkNamespace) throws -> [String: String] {
    try namespace.run { values(of: paths) }
  }

  /// Reads settings of the calling thread's namespace by their paths under /proc/sys/net.
  ///
  /// - Returns: the first line of each; a setting that this kernel does not have is left out.
  public static func values(of paths: [String]) -> [String: String] {
    var values: [String: String] = [:]
    for path in paths { values[path] = ProcFS.sysctl(path) }
    return values
  }

  /// Changes a setting of a namespace, named as in `ipv4/ip_forward`; for the lab and for tests.
  public static func set(_ path: String, to value: String, in namespace: NetworkNamespace) throws {
    guard isInside(path) else {
      throw NamespaceError("network setting \"\(path)\"", errno: .invalidArgument, code: .setting)
    }
    try namespace.run { try ProcFS.write(ProcFS.networkSettings + path, value) }
  }

  /// Whether a path stays under /proc/sys/net.
  static func isInside(_ path: String) -> Bool {
    !path.isEmpty && !path.split(separator: "/").contains("..")
  }
}
