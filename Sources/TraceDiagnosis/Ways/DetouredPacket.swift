import NetworkAddresses
import TraceModel

/// A packet of this machine that did not get through, by whichever interface it left or was to leave: those that routes
/// lead out of one that is not observed are known by what became of them alone.
struct DetouredPacket {
  /// The namespace that sent it.
  var namespace: UInt64
  var source: IPAddress
  var destination: IPAddress
  /// What was seen of it.
  var evidence: [Evidence]

  /// Those of an observation, each pair of addresses once.
  static func all(_ context: DiagnosisContext) -> [DetouredPacket] {
    var told: Set<Key> = []
    return (probed(context) + tried(context)).filter {
      told.insert(Key(namespace: $0.namespace, source: $0.source, destination: $0.destination)).inserted
    }
  }

  private struct Key: Hashable {
    var namespace: UInt64
    var source: IPAddress
    var destination: IPAddress
  }

  private static func probed(_ context: DiagnosisContext) -> [DetouredPacket] {
    guard let run = context.observation.probeRun, !run.reaches, let target = run.to.address,
      let namespace = run.from.namespace,
      let lookup = context.lookup(of: run),
      let source = run.from.address ?? lookup.source ?? lookup.route?.preferredSource
    else { return [] }
    let count = run.smallProbes.count
    return [
      DetouredPacket(
        namespace: namespace, source: source, destination: target,
        evidence: [
          Evidence(
            .trajectory, "\(count) probe\(count == 1 ? "" : "s") of \(source) got no answer from \(target)")
        ])
    ]
  }

  private static func tried(_ context: DiagnosisContext) -> [DetouredPacket] {
    context.failures.compactMap { attempt in
      guard attempt.kind != .resolution, let namespace = context.namespace(of: attempt.asker) else {
        return nil
      }
      return DetouredPacket(
        namespace: namespace, source: attempt.source, destination: attempt.target,
        evidence: [Evidence(.trajectory, "\(attempt.summary) left and was not answered")])
    }
  }
}

extension DiagnosisContext {
  /// The interface of a namespace that has an address: a child, or the parent.
  func sender(in namespace: UInt64, owning address: IPAddress) -> Interface? {
    namespace == parent.id.namespace
      ? topology.interfaces.first { $0.id.namespace == namespace && $0.owns(address) } ?? parent
      : child(in: namespace, owning: address)
  }

  /// What a person calls an interface, also one that is not observed.
  func name(_ id: InterfaceID) -> String {
    interface(id)?.label ?? (id.isLoopback ? "lo" : "interface number \(id.ifindex)")
  }
}

extension InterfaceID {
  /// Whether it is a namespace's loopback interface (LOOPBACK_IFINDEX in include/net/flow.h).
  var isLoopback: Bool { ifindex == 1 }
}
