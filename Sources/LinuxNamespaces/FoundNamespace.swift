import SystemPackage

/// A network namespace of this machine and what is known of it without entering.
public struct FoundNamespace: Sendable {
  /// What tells it from every other.
  public let identity: NamespaceIdentity
  /// Its names under /run/netns.
  public var names: [String] = []
  /// Files that stand for it, at most four; the first is the one to open.
  public var paths: [String] = []
  /// Some processes that live in it, at most four: those with the lowest numbers.
  public var pids: [Int32] = []
  /// Threads that live in it, at most four, where no process is known that does (setns(2) moves one thread).
  public var threads: [Int32] = []
  /// Whether it is that of the thread that made the scan.
  public var isCurrent = false

  /// Describes a namespace of which only the identity is known.
  public init(identity: NamespaceIdentity) { self.identity = identity }

  /// Opens it by the first of its files that still stands for it.
  ///
  /// - Throws: `ENOENT` or `ESRCH` when none does any more, else why the kernel refused.
  public func open() throws(NamespaceError) -> NetworkNamespace {
    var failure = NamespaceError(
      "open network namespace net:[\(identity.inode)]", errno: .noSuchFileOrDirectory, code: .open)
    for path in paths {
      do {
        let namespace = try NetworkNamespace(path: path)
        if namespace.identity == identity { return namespace }
      } catch {
        if !error.isGone { failure = error }
      }
    }
    throw failure
  }

  /// Enters it once, on a fresh thread, and returns what `body` makes there; `nil` when the namespace has ended.
  ///
  /// Nothing of it is open when this returns, but for what `body` made.
  public func visit<Value: Sendable>(_ body: @Sendable () throws -> Value) throws -> Value? {
    let namespace: NetworkNamespace
    do {
      namespace = try open()
    } catch  where error.isGone {
      return nil
    }
    return try namespace.run(body)
  }
}

extension NamespaceError {
  /// Whether there is nothing to open any more: no file, no process, or a file that stands for something else.
  fileprivate var isGone: Bool {
    errno == .noSuchFileOrDirectory || errno == .noSuchProcess || code == .notANamespace
  }
}
