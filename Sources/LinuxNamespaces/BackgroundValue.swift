/// A value that a thread of its own works out while its maker goes on.
public final class BackgroundValue<Value: Sendable> {
  private final class Outcome: @unchecked Sendable {
    // Written by the thread, read after that was joined: never by two at once.
    var value: Value?
  }

  private let body: @Sendable () -> Value
  private let outcome = Outcome()
  private var thread: BackgroundThread?

  /// Starts to work it out. Where no thread can be started, `value` does it when it is asked for.
  public init(_ body: @escaping @Sendable () -> Value) {
    self.body = body
    thread = try? BackgroundThread { [outcome] in outcome.value = body() }
  }

  deinit { thread?.join() }

  /// The value; waits for it the first time.
  public var value: Value {
    thread?.join()
    thread = nil
    if let value = outcome.value { return value }
    let value = body()
    outcome.value = value
    return value
  }
}
