import BPF
import TraceModel

/// Has the kernel measure every BPF program of the machine for as long as this lives (BPF_ENABLE_STATS, Linux 5.8).
///
/// Two readings of the clock for each run are the price, so that nothing else is to be measured meanwhile.
public final class ProgramStatistics {
  private let link: Link

  /// Begins.
  ///
  /// - Throws: `BPFError` where the kernel cannot, or there is no privilege.
  public init() throws { link = try Program.enableStatistics() }
}

/// What one of our programs took, by the kernel's statistics.
public struct ProgramRuns: Sendable {
  /// Where it is attached: `eth0 in bbox1, in`.
  public var hooks: [String]
  /// Its name in the kernel.
  public var program: String
  /// How often it ran.
  public var runs: UInt64
  /// How long all of that took.
  public var nanoseconds: UInt64

  static func of(_ interfaces: [InterfaceID: InterfaceHooks], in topology: Topology) -> [ProgramRuns] {
    var places: [UInt32: [Hook]] = [:]
    for (interface, entry) in interfaces {
      for (direction, hook) in entry.hooks {
        places[hook.programID, default: []].append(Hook(interface, direction))
      }
    }
    return places.sorted { $0.key < $1.key }.compactMap { id, hooks in
      // One that somebody removed meanwhile has nothing to tell.
      guard let information = try? Program.information(id: id) else { return nil }
      let labels = hooks.sorted { $0.interface < $1.interface }.map { Coexistence.label($0, topology) }
      return ProgramRuns(
        hooks: labels, program: information.name, runs: information.runCount,
        nanoseconds: information.runTimeNanoseconds)
    }
  }
}
