import NetworkAddresses
import TraceModel

/// Who asked, and what its kernel knows of the way.
extension DiagnosisContext {
  /// The interface of who asked; `nil` for somebody on the wire.
  func asker(_ asker: Attempt.Asker) -> Interface? {
    switch asker {
    case .host(let id), .child(let id): interface(id)
    case .wire: nil
    }
  }

  /// What the kernel of who probes said of the way.
  func lookup(of run: ProbeRun) -> RouteLookup? {
    guard let target = run.to.address, let namespace = run.from.namespace else { return nil }
    return lookup(to: target, in: namespace)
  }

  /// The interface that a probe is sent from: the one with its address, else the namespace's child, or the parent.
  func sender(of run: ProbeRun) -> Interface? {
    guard let namespace = run.from.namespace else { return nil }
    if namespace == parent.id.namespace { return parent }
    let own = run.from.interface.flatMap { interface($0) }
    return own ?? child(in: namespace, owning: run.from.address)
  }

  /// The interface by which a probe would have gone, were it up: with it its routes went, and the sender's own kernel
  /// refused to send, or has sent another way.
  var downSender: Interface? {
    guard let run = observation.probeRun, !run.works, let target = run.to.address,
      let namespace = run.from.namespace, let lookup = lookup(of: run)
    else { return nil }
    // One that is up and in the same network does instead.
    if lookup.error == nil, lookup.route?.gateway == nil { return nil }
    let down = topology.interfaces.filter { $0.id.namespace == namespace && !$0.up }
    return down.first { one in
      one.addresses.contains { $0.address.isIPv4 == target.isIPv4 && $0.contains(target) }
    }
      // Over IPv6 the addresses went, too.
      ?? (lookup.error == nil ? nil : down.first { $0.id == sender(of: run)?.id })
  }

  /// The parent's own address that somebody's probe from elsewhere was for, or was to be handed to as its next hop, where
  /// nothing of that probe got through.
  var parentAskedInVain: IPAddress? {
    guard let run = observation.probeRun, !run.works, run.answered == 0, let target = run.to.address,
      let sender = run.from.namespace, sender != parent.id.namespace
    else { return nil }
    let next = lookup(to: target, in: sender)?.route?.gateway ?? target
    return parent.owns(next) ? next : nil
  }

  /// What the sender's kernel said of its way, as evidence that an interface which is down would have been that.
  var downSenderEvidence: [Evidence] {
    guard let run = observation.probeRun, let target = run.to.address, let lookup = lookup(of: run) else {
      return []
    }
    let answer = lookup.error.map { "there is none (\($0))" } ?? "another interface"
    return [
      Evidence(.state, "\(run.from.label)'s kernel, asked for its way to \(target) meanwhile: \(answer)")
    ]
  }

  /// Whether packets came to somebody else's MAC address on their own segment rather than to a router: then the sender
  /// knows an old MAC address.
  func isMisaddressed(_ transit: Transit) -> Bool {
    topology.children.contains { child in
      child.addresses.contains { $0.address == transit.attempt.target && $0.contains(transit.attempt.source) }
    }
  }

  /// The failed resolutions of one next hop or target by somebody on this host, sent and never answered: what
  /// `neighbor-unanswered` would speak of.
  func unansweredResolutions() -> [UnansweredResolution] {
    guard parentWorks else { return [] }
    let alive = framesFromWire
    return failures.compactMap { attempt in
      guard attempt.kind == .resolution, !isLocal(attempt.target), let asker = asker(attempt.asker) else {
        return nil
      }
      if let id = attempt.hostInterface, isTakenByPassthru(id) { return nil }
      let sent = attempt.unanswered.filter { $0.passed(parentOut) }
      guard sent.count >= 2, answersAtParent(attempt).isEmpty else { return nil }
      let gap = gap(at: [parentIn], [attempt])
      let missing =
        !hiddenChildren.isEmpty
        ? "the addresses of \(hiddenChildren.count) children whose namespace could not be entered"
        : gap ?? (alive == 0 ? "a sign that the segment is alive" : nil)
      return UnansweredResolution(attempt: attempt, asker: asker, alive: alive, missing: missing)
    }
  }
}

/// A question for a MAC address that left the parent and was never answered.
struct UnansweredResolution {
  var attempt: Attempt
  var asker: Interface
  /// How many frames of other machines came in meanwhile.
  var alive: UInt64
  /// What is missing for the proof that nobody has the address.
  var missing: String?

  func evidence(_ context: DiagnosisContext) -> [Evidence] {
    [
      Evidence(.trajectory, "\(attempt.summary) left \(context.parent.name); no answer came in"),
      Evidence(.counter, "\(alive) frames from other machines came in meanwhile"),
    ] + context.neighborEvidence(attempt.target, in: asker.id.namespace)
      + (missing.map { [Evidence(.counter, "missing for proof: \($0)")] } ?? [])
  }
}
