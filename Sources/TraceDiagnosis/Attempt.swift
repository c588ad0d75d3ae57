import NetworkAddresses
import TraceModel

/// Somebody's tries to reach an address, and what became of them.
struct Attempt {
  /// What was sent.
  enum Kind: String {
    /// ARP requests or neighbor solicitations.
    case resolution
    /// ICMP or ICMPv6 echo requests.
    case echo
    /// TCP segments with SYN and without ACK.
    case connection

    /// What a person calls one of them.
    func noun(_ target: IPAddress) -> String {
      switch self {
      case .resolution: target.isIPv4 ? "ARP request" : "neighbor solicitation"
      case .echo: "echo request"
      case .connection: "TCP SYN"
      }
    }
  }

  /// Who asked.
  enum Asker: Hashable {
    /// This host's own stack, through the parent or a VLAN sub-interface of it.
    case host(InterfaceID)
    case child(InterfaceID)
    /// Somebody beyond the parent, by MAC address.
    case wire(MACAddress)
  }

  var kind: Kind
  var asker: Asker
  /// The asker's address.
  var source: IPAddress
  var target: IPAddress
  /// The interface through which this host asked; `nil` for another asker.
  var hostInterface: InterfaceID? { if case .host(let id) = asker { id } else { nil } }
  /// All tries, in time order.
  var requests: [Trajectory]
  /// The tries after the last answer.
  var unanswered: [Trajectory]

  /// What tells it from every other.
  struct Key: Hashable {
    var kind: Kind
    var asker: Asker
    var source: IPAddress
    var target: IPAddress
  }

  var key: Key { Key(kind: kind, asker: asker, source: source, target: target) }

  /// Whether a frame brings what was asked for.
  func isAnswered(by frame: Frame) -> Bool {
    // A station tells everybody who asks: an answer to somebody else is none.
    (frame.advertisedAddress == target
      && (frame.destination.isMulticast || frame.destinationAddress == source))
      || (frame.ip?.source == target && frame.ip?.destination == source)
  }

  /// `3 ARP requests for 172.22.16.10`.
  var summary: String {
    let noun = kind.noun(target)
    return "\(unanswered.count) \(noun)\(unanswered.count == 1 ? "" : "s") for \(target)"
  }
}

/// Finds the attempts in an observation's trajectories.
struct AttemptFinder {
  let context: DiagnosisContext

  /// Every attempt, in the order of the first try.
  func attempts() -> [Attempt] {
    var order: [Attempt.Key] = []
    var found: [Attempt.Key: Attempt] = [:]
    for trajectory in context.trajectories {
      guard let first = trajectory.sightings.first, let (kind, source, target) = Self.request(first.frame),
        let asker = asker(of: first), !target.isMulticast
      else { continue }
      let key = Attempt.Key(kind: kind, asker: asker, source: source, target: target)
      if found[key] == nil {
        order.append(key)
        found[key] = Attempt(
          kind: kind, asker: asker, source: source, target: target, requests: [], unanswered: [])
      }
      found[key]?.requests.append(trajectory)
    }
    let answers = answerTimes()
    return order.compactMap { key in
      guard var attempt = found[key] else { return nil }
      let answered = answers[Conversation(attempt)] ?? 0
      attempt.unanswered = attempt.requests.filter { $0.start > answered }
      return attempt
    }
  }

  private static func request(_ frame: Frame) -> (Attempt.Kind, IPAddress, IPAddress)? {
    if let target = frame.solicitedAddress, let source = frame.sourceAddress {
      return (.resolution, source, target)
    }
    guard let ip = frame.ip else { return nil }
    switch ip.transport {
    case .icmp(let type, _, _, _) where type == (ip.destination.isIPv4 ? 8 : 128):
      return (.echo, ip.source, ip.destination)
    case .tcp(_, _, let flags, _, _) where flags & 0x12 == 0x02:
      return (.connection, ip.source, ip.destination)
    default: return nil
    }
  }

  private func asker(of first: Sighting) -> Attempt.Asker? {
    let interface = first.hook.interface
    if first.hook.direction == .egress {
      if context.isChild(interface) { return .child(interface) }
      guard context.isLower(interface) else { return nil }
      // A child's own hook may have missed it.
      return context.child(sending: first.frame).map { .child($0) } ?? .host(interface)
    }
    guard interface == context.parent.id else { return nil }
    // A child in bridge mode whose own hook is not observed shows here first.
    return context.isLocal(first.frame.source) ? nil : .wire(first.frame.source)
  }

  /// Two addresses, from the asker's side.
  private struct Conversation: Hashable {
    var asker: IPAddress
    var target: IPAddress
    var atHost: Bool

    init(_ attempt: Attempt) {
      asker = attempt.source
      target = attempt.target
      if case .wire = attempt.asker { atHost = false } else { atHost = true }
    }

    init(asker: IPAddress, target: IPAddress, atHost: Bool) {
      self.asker = asker
      self.target = target
      self.atHost = atHost
    }
  }

  /// When the target was last heard by the asker: at the host's or the child's own ingress hook, or, for an asker on
  /// the wire, on its way out of the parent.
  ///
  /// Any packet back counts, not only the direct answer: what gets through is not broken.
  private func answerTimes() -> [Conversation: UInt64] {
    var times: [Conversation: UInt64] = [:]
    for sighting in context.observation.sightings {
      guard let target = sighting.frame.sourceAddress, let asker = sighting.frame.destinationAddress,
        sighting.frame.solicitedAddress == nil || sighting.hook.direction == .egress
      else { continue }
      if sighting.frame.arp?.operation == 1 { continue }
      let interface = sighting.hook.interface
      if sighting.hook.direction == .ingress {
        // A passthru child also gets what is meant for the host: heard is what came to the asker's own namespace.
        if context.isLocal(asker), !context.isLocal(asker, in: interface.namespace),
          !context.isHookless(asker)
        {
          continue
        }
        // In passthru mode the child takes everything: what arrives at the parent never reaches the host.
        if context.isLower(interface) {
          let isMeant = sighting.frame.destination == context.interface(interface)?.mac
          if context.isTakenByPassthru(interface) || !isMeant { continue }
          // What a sub-interface takes is heard there, or taken by its passthru child.
          if interface == context.parent.id, context.subinterface(of: sighting.frame.outerTag) != nil {
            continue
          }
        }
        note(Conversation(asker: asker, target: target, atHost: true), sighting.time, &times)
        if let advertised = sighting.frame.advertisedAddress {
          note(Conversation(asker: asker, target: advertised, atHost: true), sighting.time, &times)
        }
      } else if interface == context.parent.id {
        note(Conversation(asker: asker, target: target, atHost: false), sighting.time, &times)
        if let advertised = sighting.frame.advertisedAddress {
          note(Conversation(asker: asker, target: advertised, atHost: false), sighting.time, &times)
        }
      }
    }
    return times
  }

  private func note(_ conversation: Conversation, _ time: UInt64, _ times: inout [Conversation: UInt64]) {
    times[conversation] = max(times[conversation] ?? 0, time)
  }
}
