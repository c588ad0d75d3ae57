import NetworkAddresses
import TraceModel

/// A failed attempt that was handed to a namespace of this host to pass on, and that did not leave it again.
struct Transit {
  var attempt: Attempt
  /// Where it came in.
  var router: Interface
  /// The tries that came in and did not leave.
  var tries: [Trajectory]

  /// All of an observation's failures.
  static func all(_ context: DiagnosisContext) -> [Transit] {
    context.failures.flatMap { all(of: $0, context) }
  }

  /// Those of one attempt: one for each namespace that it got stuck in.
  static func all(of attempt: Attempt, _ context: DiagnosisContext) -> [Transit] {
    guard attempt.kind != .resolution, !attempt.target.isLinkLocal else { return [] }
    var found: [Transit] = []
    for try_ in attempt.unanswered {
      guard let router = stuck(try_, attempt.target, context) else { continue }
      if let index = found.firstIndex(where: { $0.router.id == router.id }) {
        found[index].tries.append(try_)
      } else {
        found.append(Transit(attempt: attempt, router: router, tries: [try_]))
      }
    }
    return found
  }

  private static func stuck(_ trajectory: Trajectory, _ target: IPAddress, _ context: DiagnosisContext)
    -> Interface?
  {
    let arrivals = trajectory.sightings.filter { sighting in
      sighting.hook.direction == .ingress
        && context.interface(sighting.hook.interface)?.mac == sighting.frame.destination
    }
    guard let last = arrivals.last, let router = context.interface(last.hook.interface) else { return nil }
    let namespace = router.id.namespace
    // A passthru child has taken it from the parent; a VLAN sub-interface is where a tagged frame arrives.
    guard namespace != 0, !context.isTakenByPassthru(router.id), !context.isLocal(target, in: namespace),
      context.isChild(router.id) || context.subinterface(of: last.frame.outerTag) == nil
        || router.id != context.parent.id
    else { return nil }
    let left = trajectory.sightings.contains {
      $0.time >= last.time && $0.hook.direction == .egress && $0.hook.interface.namespace == namespace
    }
    // With ipvlan and in passthru mode others have the same MAC address: the frame may have been for one of them.
    let isShared = context.topology.interfaces.contains {
      $0.mac == last.frame.destination && $0.id.namespace != namespace
    }
    return left || isShared ? nil : router
  }

  /// Whether the kernel passes packets of that family on at all; `nil` where that was not read.
  func forwards(_ context: DiagnosisContext) -> Bool? {
    let namespace = router.id.namespace
    let path =
      attempt.target.isIPv4 ? "ipv4/conf/\(router.name)/forwarding" : "ipv6/conf/all/forwarding"
    let value =
      context.setting(path, in: namespace)
      ?? (attempt.target.isIPv4 ? context.setting("ipv4/ip_forward", in: namespace) : nil)
    return value.map { $0 != "0" }
  }

  /// What was seen, as evidence.
  func evidence(_ context: DiagnosisContext) -> [Evidence] {
    let noun = attempt.kind.noun(attempt.target)
    var counts: [String: Int] = [:]
    for drop in tries.flatMap(\.drops) { counts[drop.reason ?? "dropped", default: 0] += 1 }
    return [
      Evidence(
        .trajectory,
        "\(tries.count) \(noun)\(tries.count == 1 ? "" : "s") for \(attempt.target) came in at \(router.label) to be "
          + "passed on, and none left it")
    ]
      + counts.sorted { $0.key < $1.key }.map { Evidence(.drop, "\($0.value) freed there: \($0.key)") }
  }
}
