public import LinuxNamespaces
public import TraceModel

/// The probes of one run: sent when they are due and heard until no more will be known, with echo requests of sizes beside
/// them where something else is what is asked.
public struct ProbeExchange: ~Copyable {
  private var prober: Prober
  private var companion: Prober
  private let schedule: ProbeSchedule
  private let isEcho: Bool
  private let asksSizes: Bool

  /// Prepares; the first probe is due at once.
  ///
  /// - Parameters:
  ///   - namespace: where to send from; `nil`: the calling thread's.
  ///   - asksSizes: whether, beside TCP or UDP, echo requests are to find out which sizes get through. Echo requests always
  ///     ask that of themselves.
  public init(_ target: ProbeTarget, in namespace: NetworkNamespace?, asksSizes: Bool) {
    prober = Prober(target, in: namespace)
    companion = prober.companion()
    schedule = ProbeSchedule(begin: MonotonicClock.now())
    isEcho = target.protocol == .icmp
    self.asksSizes = asksSizes
  }

  /// Every probe: first those of what is asked, then those of sizes beside them.
  public var probes: [Probe] { prober.probes + companion.probes }

  /// Takes the next step; `false`: nothing more will be known. Takes 50 ms at most.
  ///
  /// - Throws: `NamespaceError` when the namespace cannot be entered; `Errno` when there is no privilege for ICMP.
  public mutating func step() throws -> Bool {
    // A connection that stands: whether large packets pass is asked with echo requests, whatever else is asked.
    if asksSizes, !isEcho, prober.probes.last?.outcome == .answered { companion.prepare() }
    let sizes = isEcho ? prober.sizeSearch : companion.sizeSearch
    guard let step = schedule.next(probes, sizes: sizes, now: MonotonicClock.now()) else { return false }
    switch step {
    case .send: try prober.send()
    case .sendSizes(let sizes):
      for size in sizes {
        if isEcho { try prober.send(size: size) } else { try companion.send(size: size) }
      }
    case .hear(let milliseconds):
      // Both take part in a wait while one is open.
      if !companion.probes.isEmpty { companion.hear(timeout: min(milliseconds, 10)) }
      prober.hear(timeout: companion.probes.isEmpty ? milliseconds : 0)
    }
    return true
  }
}
