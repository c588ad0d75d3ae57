/// What became of a flood.
struct FloodResult: Encodable {
  /// Frames that were handed to the stack.
  let frames: UInt64
  let seconds: Double
  /// Frames per second.
  let rate: Double
  /// Frames that the counters lack.
  let uncountedAtParent: Int64
  let uncountedAtChild: Int64
  let loss: ObservedReport.Loss
  /// Of one CPU: the observing process, its start and its report included.
  let processorShare: Double
  /// The same while the flood ran, without start and report.
  let observingShare: Double
  /// MiB.
  let peakMemory: Double
}
