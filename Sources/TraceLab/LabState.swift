import Glibc
import LinuxNamespaces
import SystemPackage

/// Which namespaces a lab has made: written before each is made, so that a lab that was cut short can be removed.
struct LabState {
  let path: String

  private static let directory = "/run/macvtrace"

  /// The state of the lab with that prefix; one lab stands for each.
  init(prefix: String) {
    path = "\(Self.directory)/lab\(prefix.isEmpty ? "" : "-" + prefix).state"
  }

  /// The namespaces that were made, in order; `nil` when there is no lab.
  func namespaces() -> [String]? {
    ProcFS.read(path).map { $0.split(separator: "\n").map(String.init) }
  }

  /// Begins a lab. Throws when one stands already, also when two begin at once.
  func begin() throws {
    mkdir(Self.directory, 0o755)
    do {
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
      try file.close()
    } catch let error as Errno where error == .fileExists {
      throw LabError("a lab is up already: remove it with `macvtrace lab down` first")
    } catch {
      throw LabError("write \(path): \(error)")
    }
  }

  /// Notes a namespace that is about to be made.
  func note(_ name: String) throws {
    do {
      let file = try FileDescriptor.open(path, .writeOnly, options: [.append, .closeOnExec])
      try file.closeAfter { _ = try file.writeAll(Array((name + "\n").utf8)) }
    } catch {
      throw LabError("write \(path): \(error)")
    }
  }

  /// Ends the lab.
  func end() { unlink(path) }
}
