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
    // All namespaces' directories of one name lie in one chain of the kernel's cache of names: to walk it for each
    // setting would take as long as there are namespaces.
    for (name, settings) in Dictionary(grouping: paths.filter(isInside), by: { $0.prefix { $0 != "/" } }) {
      let directory: FileDescriptor
      do {
        directory = try open(directory: name)
      } catch Errno.noSuchFileOrDirectory {
        continue
      } catch {
        for path in settings { values[path] = ProcFS.sysctl(path) }
        continue
      }
      defer { try? directory.close() }
      for path in settings {
        values[path] = ProcFS.firstLine(String(path.dropFirst(name.count + 1)), in: directory)
      }
    }
    return values
  }

  private static func open(directory name: Substring) throws -> FileDescriptor {
    try FileDescriptor.open(
      ProcFS.networkSettings + String(name), .readOnly, options: [.directory, .closeOnExec])
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
