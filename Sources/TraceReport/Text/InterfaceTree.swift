import TraceModel

/// The order and the branches in which interfaces are drawn.
enum InterfaceTree {
  struct Entry {
    var interface: Interface
    /// What stands before the name: `│  └─ `.
    var branch: String
    /// What stands there on further lines of the same entry.
    var continuation: String
  }

  /// Every interface once: the parent, then depth first what sits on it.
  ///
  /// An interface whose lower one is unknown (its namespace cannot be entered) sits on the parent.
  static func entries(of interfaces: [Interface]) -> [Entry] {
    let parent = interfaces.first { $0.kind == .parent }
    let known = Set(interfaces.map(\.id))
    var above: [InterfaceID: [Interface]] = [:]
    for interface in interfaces where interface.id != parent?.id {
      guard let lower = interface.parent.flatMap({ known.contains($0) ? $0 : nil }) ?? parent?.id else {
        continue
      }
      above[lower, default: []].append(interface)
    }
    var walk = Walk(above: above)
    if let parent { walk.visit(parent, branch: "", continuation: "") }
    // What hangs on nothing; a saved file can even claim that two interfaces sit on each other.
    for interface in interfaces { walk.visit(interface, branch: "", continuation: "") }
    return walk.entries
  }

  private struct Walk {
    let above: [InterfaceID: [Interface]]
    var visited: Set<InterfaceID> = []
    var entries: [Entry] = []
    /// Real towers are three high; a saved file's could be as high as it likes.
    static let depthLimit = 16

    mutating func visit(_ interface: Interface, branch: String, continuation: String, depth: Int = 0) {
      guard depth < Self.depthLimit, visited.insert(interface.id).inserted else { return }
      let sitting = (above[interface.id] ?? []).filter { !visited.contains($0.id) }
      entries.append(
        Entry(
          interface: interface, branch: branch,
          continuation: sitting.isEmpty ? continuation : continuation + "│"))
      for (index, child) in sitting.enumerated() {
        let isLast = index == sitting.count - 1
        visit(
          child, branch: continuation + (isLast ? "└─ " : "├─ "),
          continuation: continuation + (isLast ? "   " : "│  "), depth: depth + 1)
      }
    }
  }
}
