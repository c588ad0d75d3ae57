public import TraceModel

/// When probes are sent and how long is waited for them: a few at equal distances, then one of the largest size that may
/// be sent if those were answered, and then until what they met is known.
///
/// The kernel asks three times, a second apart, for a neighbor's MAC address before it gives up (ARP's defaults:
/// mcast_solicit 3, retrans_time_ms 1000), which is the longest that there is something to see.
public struct ProbeSchedule: Sendable {
  /// What to do next.
  public enum Step: Hashable, Sendable {
    /// Send the next probe.
    case send
    /// Send one of each of these sizes, in octets with the IP header.
    case sendSizes([Int])
    /// Hear what comes, for so many milliseconds.
    case hear(Int32)
  }

  /// For what the last answer left behind to be recorded.
  private static let settling: UInt64 = 100_000_000
  /// How long an answer may take before its absence means something.
  private static let patience: UInt64 = 1_200_000_000
  private static let longest: UInt64 = 3_400_000_000
  /// What asking for a neighbor takes at least until it is given up.
  private static let resolution: UInt64 = 2_800_000_000

  private let begin: UInt64
  private let count: Int
  private let interval: UInt64

  /// Begins.
  ///
  /// - Parameters:
  ///   - begin: when the first probe is due, in nanoseconds of CLOCK_MONOTONIC.
  ///   - count: how many small ones are sent.
  ///   - interval: from one to the next, in nanoseconds.
  public init(begin: UInt64, count: Int = 3, interval: UInt64 = 200_000_000) {
    self.begin = begin
    self.count = count
    self.interval = interval
  }

  /// What to do now; `nil`: nothing more will be known.
  ///
  /// - Parameter sizes: how to find out which sizes get through; `nil`: that is not asked.
  public func next(_ probes: [Probe], sizes: SizeSearch? = nil, now: UInt64) -> Step? {
    let elapsed = now > begin ? now - begin : 0
    let small = probes.filter { $0.size == nil }
    if small.count >= count, let sizes, small.allSatisfy({ $0.outcome == .answered }) {
      switch sizes.next(probes, now: now) {
      case .send(let some): return .sendSizes(some)
      case .wait(let until): return .hear(Self.milliseconds(min(until - now, 50_000_000)))
      case .done:
        let silent = probes.filter { $0.size != nil && $0.outcome == .silence }
        let last = probes.compactMap(\.ended).max() ?? begin
        let end = max(last + Self.settling, silent.count > 1 ? silent[0].sent + Self.patience : 0)
        return now >= end ? nil : .hear(Self.milliseconds(min(end - now, 50_000_000)))
      }
    }
    if probes.count < count {
      let due = UInt64(probes.count) * interval
      return elapsed >= due ? .send : .hear(Self.milliseconds(min(due - elapsed, 50_000_000)))
    }
    if isCutShort(small) { return .send }
    let end: UInt64
    if let last = probes.compactMap(\.ended).max(), probes.allSatisfy({ $0.ended != nil }) {
      let isAnswered = probes.allSatisfy { $0.outcome == .answered }
      end = max(last + Self.settling, isAnswered ? 0 : begin + Self.patience)
    } else {
      end = (small.count > count ? small.last?.sent ?? begin : begin) + Self.longest
    }
    return now >= end ? nil : .hear(Self.milliseconds(min(end - now, 50_000_000)))
  }

  /// Whether the kernel gave a neighbor up that it had begun to ask for before the first probe: its questions were not seen.
  /// It asks anew for the next packet.
  private func isCutShort(_ small: [Probe]) -> Bool {
    guard small.count == count, let last = small.compactMap(\.ended).max(), last < begin + Self.resolution
    else {
      return false
    }
    return small.allSatisfy { probe in
      switch probe.outcome {
      // Host unreachable, address unreachable (RFC 792; RFC 4443, 3.1).
      case .undeliverable(type: 3, code: 1), .undeliverable(type: 1, code: 3), .failed("EHOSTUNREACH"): true
      default: false
      }
    }
  }

  private static func milliseconds(_ nanoseconds: UInt64) -> Int32 {
    Int32(clamping: nanoseconds / 1_000_000 + 1)
  }
}
