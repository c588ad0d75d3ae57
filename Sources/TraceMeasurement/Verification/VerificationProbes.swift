import Glibc
public import LinuxNamespaces
import NetworkAddresses
import SystemPackage
public import TraceModel

/// Carries out what was planned between VLANs: opens what answers, sends, and closes again.
public struct VerificationProbes {
  /// For the last answers to come and to be recorded, in microseconds: who answers for others takes up to 0.8 s for it
  /// (net.ipv4.neigh.*.proxy_delay).
  private static let settling: UInt32 = 1_000_000
  private static let steps: UInt32 = 10

  private let namespaces: [UInt64: NetworkNamespace]

  /// Prepares.
  ///
  /// - Parameter namespaces: those of the stations on this machine, by inode.
  public init(namespaces: [UInt64: NetworkNamespace]) { self.namespaces = namespaces }

  /// Tries every exchange, then sends stray frames in each VLAN.
  ///
  /// - Parameters:
  ///   - plan: a run that has exchanges without probes.
  ///   - goesOn: called all the while; what it answers with false ends it early.
  ///   - tell: is told what could not be done.
  /// - Returns: the run with what became of it.
  public func run(_ plan: VerificationRun, while goesOn: () throws -> Bool, tell: (String) -> Void) throws
    -> VerificationRun
  {
    var run = plan
    let targets = Set(
      plan.exchanges.filter { $0.run.port != nil }.map { Target(to: $0.run.to, port: $0.run.port) })
    var responders: [ProbeResponder] = []
    var echoed: Set<Station> = []
    for target in targets {
      guard let namespace = target.to.namespace.flatMap({ namespaces[$0] }), let address = target.to.address,
        let port = target.port
      else { continue }
      do {
        responders.append(try ProbeResponder(address, port: port, in: namespace))
        echoed.insert(target.to)
      } catch {
        tell("nothing answers on port \(port) of \(target.to.label) (\(address)): \(error)")
      }
    }
    defer { withExtendedLifetime(responders) {} }
    run.exchanges = try VLANProbing(namespaces: namespaces, echoed: echoed).run(plan.exchanges, while: goesOn)
    if try goesOn() { run.strays = try strays(run) }
    for _ in 0..<Self.steps {
      usleep(Self.settling / Self.steps)
      guard try goesOn() else { break }
    }
    return run
  }

  private struct Target: Hashable {
    var to: Station
    var port: UInt16?
  }

  private func strays(_ run: VerificationRun) throws -> [StrayFrame] {
    try VLANPair.all(of: run.vlans).flatMap { pair -> [StrayFrame] in
      let foreign = run.station(of: pair.to, in: pair)?.address(isIPv4: true)
      guard let own = run.station(of: pair.from, in: pair), let mac = own.mac, let interface = own.interface,
        let namespace = namespaces[interface.namespace]
      else { return [] }
      return try namespace.run {
        StraySender.send(
          pair, from: mac, by: interface.ifindex, own: own.address(isIPv4: true), foreign: foreign)
      }
    }
  }
}
