import Glibc
import SystemPackage

/// Runs `body` on a thread made for it, waits for it to end and returns its result.
///
/// What a thread does to itself, such as entering a namespace, ends with it.
public func onFreshThread<Value: Sendable>(_ body: @Sendable () throws -> Value) throws -> Value {
  try withoutActuallyEscaping(body) { body in
    let outcome = Outcome<Value>()
    // Without its generic type, which a C function pointer cannot carry.
    let work = Unmanaged.passRetained(Work { outcome.result = Result(catching: body) })
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      work.release()
      throw NamespaceError("start a thread", errno: Errno(rawValue: status))
    }
    pthread_join(thread, nil)
    guard let result = outcome.result else {
      throw NamespaceError("run on a thread of its own", errno: .interrupted)
    }
    return try result.get()
  }
}

/// Written by the fresh thread, read after that was joined: never by two at once.
private final class Outcome<Value: Sendable>: @unchecked Sendable {
  var result: Result<Value, any Error>?
}

private final class Work {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}
