import Glibc

/// What `body` makes of each, in their order, worked out on as many threads as there are processors, but four at most; for
/// what waits for the kernel as often as it computes.
///
/// Few are not worth a thread: those are done one after the other.
public func inParallel<Item: Sendable, Value: Sendable>(
  _ items: [Item], _ body: @Sendable (Item) -> Value
) -> [Value] {
  let lanes = min(items.count / fewest, sysconf(Int32(_SC_NPROCESSORS_ONLN)), most)
  guard lanes > 1 else { return items.map(body) }
  return withoutActuallyEscaping(body) { body in
    let parts = (0..<lanes).map { lane in
      BackgroundValue { stride(from: lane, to: items.count, by: lanes).map { body(items[$0]) } }
    }
    let values = parts.map(\.value)
    return items.indices.map { values[$0 % lanes][$0 / lanes] }
  }
}

/// How many threads there are at most, and what each has to do at least.
private let most = 4
private let fewest = 8
