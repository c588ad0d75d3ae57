/// Tells a loop that runs in C on another thread to end.
final class StopFlag: @unchecked Sendable {
  // A word that one thread sets once and another reads: volatile there.
  let pointer = UnsafeMutablePointer<CInt>.allocate(capacity: 1)

  init() { pointer.initialize(to: 0) }
  deinit { pointer.deallocate() }

  func set() { pointer.pointee = 1 }
}
