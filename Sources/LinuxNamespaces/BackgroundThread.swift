import Glibc
import SystemPackage

/// A thread of its own for work that goes on until it is told to stop.
public final class BackgroundThread: Sendable {
  private let thread: pthread_t

  /// Starts `body` on a new thread; `body` returns when whatever it watches tells it to.
  public init(_ body: @escaping @Sendable () -> Void) throws(NamespaceError) {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(BackgroundWork(body))
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<BackgroundWork>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      work.release()
      throw NamespaceError("start a thread", errno: Errno(rawValue: status))
    }
    self.thread = thread
  }

  /// Waits until `body` has returned; to be called once.
  public func join() { pthread_join(thread, nil) }
}

private final class BackgroundWork {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
