/// How long it takes until every hook is attached, and how much memory the process holds.
struct StartUpBench {
  let children: Int
  let rounds: Int

  func run(_ binary: String) throws -> StartUpResult {
    let network = try BenchNetwork(children: children)
    let processes = try (0..<rounds).map { _ in try ObservingProcess(binary, in: network.host) }
    return StartUpResult(
      children: children, attached: Spread(processes.map(\.attached)),
      stopped: Spread(processes.map(\.stopped)), peakMemory: Spread(processes.map(\.peakMemory)))
  }
}

/// What starting took with one number of children.
struct StartUpResult: Encodable {
  let children: Int
  /// Milliseconds from exec until all hooks are attached.
  let attached: Spread
  /// Milliseconds from SIGINT until the process is gone.
  let stopped: Spread
  /// MiB.
  let peakMemory: Spread
}
