import Glibc
public import LinuxNamespaces
import NetworkAddresses
public import TraceModel

/// Carries exchanges between VLANs out, many at a time.
public struct VLANProbing {
  /// As many are on their way at once: what is lost then is not lost to the load.
  private static let width = 64
  private static let echoes = 10
  private static let interval: UInt64 = 50_000_000
  /// Between two looks at the sockets, in microseconds: times are taken by the hooks, not here.
  private static let pause: UInt32 = 2_000

  /// One exchange under way.
  private final class Running {
    var prober: Prober
    let schedule: ProbeSchedule
    let index: Int

    init(_ exchange: VLANExchange, _ index: Int, isEchoed: Bool, in namespace: NetworkNamespace) {
      let run = exchange.run
      let target = ProbeTarget(
        run.to.address ?? .v4(0), run.protocol, port: run.port, source: run.from.address,
        hopLimit: exchange.hopLimit, isEchoed: isEchoed)
      prober = Prober(target, in: namespace)
      schedule = ProbeSchedule(
        begin: MonotonicClock.now(),
        count: run.protocol == .icmp && exchange.hopLimit == nil ? VLANProbing.echoes : 2,
        interval: VLANProbing.interval)
      self.index = index
    }
  }

  private let namespaces: [UInt64: NetworkNamespace]
  private let echoed: Set<Station>

  /// Prepares.
  ///
  /// - Parameters:
  ///   - namespaces: those of the senders, by inode.
  ///   - echoed: the targets that have an `ProbeResponder`.
  public init(namespaces: [UInt64: NetworkNamespace], echoed: Set<Station>) {
    self.namespaces = namespaces
    self.echoed = echoed
  }

  /// Carries them out.
  ///
  /// - Parameter goesOn: called all the while; what it answers with false ends it, and what was not begun is left out.
  /// - Returns: those that were begun, with what became of their probes, in their order.
  /// - Throws: `NamespaceError` when a namespace cannot be entered any more, `Errno` without privilege; what `goesOn`
  ///   throws.
  public func run(_ exchanges: [VLANExchange], while goesOn: () throws -> Bool) throws -> [VLANExchange] {
    var waiting = Array(exchanges.enumerated().reversed())
    var running: [Running] = []
    var done: [Int: VLANExchange] = [:]
    while try goesOn(), !waiting.isEmpty || !running.isEmpty {
      while running.count < Self.width, let (index, exchange) = waiting.popLast() {
        guard let namespace = exchange.run.from.namespace.flatMap({ namespaces[$0] }) else { continue }
        done[index] = exchange
        running.append(
          Running(exchange, index, isEchoed: echoed.contains(exchange.run.to), in: namespace))
      }
      var open: [Running] = []
      for one in running {
        if try advance(one, exchanges[one.index]) { open.append(one) }
        done[one.index]?.run.probes = one.prober.probes
      }
      running = open
      usleep(Self.pause)
    }
    return done.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Whether it is still under way.
  private func advance(_ one: Running, _ exchange: VLANExchange) throws -> Bool {
    one.prober.hear(timeout: 0)
    let sizes = exchange.hopLimit == nil ? one.prober.sizeSearch : nil
    switch one.schedule.next(one.prober.probes, sizes: sizes, now: MonotonicClock.now()) {
    case .send: try one.prober.send()
    case .sendSizes(let sizes): for size in sizes { try one.prober.send(size: size) }
    case .hear: break
    case nil: return false
    }
    return true
  }
}
