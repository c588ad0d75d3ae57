import LinuxNamespaces
import TraceModel

/// The namespaces of this machine that may hold something that sits on interfaces of the calling thread's.
struct NamespaceReading {
  private(set) var views: [NamespaceView] = []
  /// Namespaces that could not be entered or read, and why the first of them could not.
  private var refused = 0
  private var refusal: (any Error)?
  private let unreadableProcesses: Int

  /// Enters each namespace but `host` once; those that end meanwhile are left out.
  ///
  /// - Parameter cache: what need not be entered; takes up what is found.
  init(
    _ scan: NamespaceScan, host: NetworkNamespace, stack: Set<UInt32>, linksOnly: Bool = false,
    cache: inout NamespaceCache
  ) {
    cache.keep(scan)
    unreadableProcesses = cache.unreadableProcesses
    let others = scan.namespaces.filter { $0.identity != host.identity }
    let unknown = others.filter { cache.view(of: $0) == nil }
    let read = inParallel(unknown) { found in
      (
        found.identity,
        Result {
          try found.visit {
            try NamespaceView(visiting: found, host: host, stack: stack, linksOnly: linksOnly)
          }
        }
      )
    }
    for (identity, result) in read {
      do {
        // One that ended meanwhile is none that is known to hold nothing.
        if case .some(let view) = try result.get() { cache.store(view, of: identity) }
      } catch {
        refused += 1
        refusal = refusal ?? error
      }
    }
    views = others.compactMap { cache.view(of: $0) ?? nil }
    cache.settle()
  }

  /// What could not be looked at.
  var limitations: [Degradation] {
    var limitations: [Degradation] = []
    if let refusal {
      limitations.append(
        Degradation(
          feature: "network namespaces",
          consequence: "\(refused) could not be read, and what sits there is not seen: \(refusal)"))
    }
    if unreadableProcesses > 0 {
      let processes = unreadableProcesses == 1 ? "1 process" : "\(unreadableProcesses) processes"
      limitations.append(
        Degradation(
          feature: "network namespaces",
          consequence:
            "\(processes) may not be inspected (CAP_SYS_PTRACE): what sits in a namespace that has no "
            + "other holder is not seen"))
    }
    return limitations
  }
}
