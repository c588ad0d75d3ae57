import SystemPackage

/// Runs `body` on a thread made for it, waits for it to end and returns its result.
///
/// What a thread does to itself, such as entering a namespace, ends with it.
public func onFreshThread<Value: Sendable>(_ body: @Sendable () throws -> Value) throws -> Value {
  try withoutActuallyEscaping(body) { body in
    let outcome = Outcome<Value>()
    let thread = try BackgroundThread { outcome.result = Result(catching: body) }
    thread.join()
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
