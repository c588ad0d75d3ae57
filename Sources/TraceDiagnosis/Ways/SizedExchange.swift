import NetworkAddresses
import TraceModel

/// Somebody's echo requests to one target, by their size: what of them was answered.
///
/// Each request is told from the others by its identifier and sequence number, so that a small one's answer is not taken
/// for a large one's.
struct SizedExchange {
  /// One echo request.
  struct Request {
    /// Octets with the IP header.
    var size: Int
    var trajectory: Trajectory
    /// The answer, as far as it was seen.
    var answer: Trajectory?
    /// Whether the answer came to the asker.
    var isHeard: Bool
  }

  var asker: Interface
  var source: IPAddress
  var target: IPAddress
  /// In time order.
  var requests: [Request]

  /// The largest size that got through, and the requests above it, of which none did.
  var passes: Int { heard.map(\.size).max() ?? 0 }
  var vanished: [Request] { requests.filter { !$0.isHeard && $0.size > passes } }
  /// The smallest size that never got through.
  var smallestVanished: Int? { vanished.map(\.size).min() }
  private var heard: [Request] { requests.filter(\.isHeard) }

  /// Those of an observation whose small packets get through, now as before, and whose large ones do not, and whom nobody
  /// told so.
  static func vanishing(_ context: DiagnosisContext) -> [SizedExchange] {
    all(context).filter { one in
      guard one.passes > 0, one.vanished.count >= 2, let first = one.vanished.first?.trajectory.start,
        context.observation.window.monotonicEnd >= first + DiagnosisContext.patience
      else { return false }
      // A margin: that one packet in a row of nearly equal ones was lost says nothing.
      let sizes = Set(one.vanished.map(\.size))
      let isTwice = one.vanished.count { $0.size == one.vanished.map(\.size).max() } >= 2
      return (isTwice || sizes.count >= 2) && !one.isFragmented(context) && !one.wasTold(context)
    }
  }

  /// Whether small packets got through after large ones had vanished: the target was alive.
  var isInterleaved: Bool {
    guard let first = vanished.first?.trajectory.start else { return false }
    return heard.contains { $0.trajectory.start > first }
  }

  private static func all(_ context: DiagnosisContext) -> [SizedExchange] {
    struct Key: Hashable {
      var source: IPAddress
      var target: IPAddress
      var identifier: UInt16
      var sequence: UInt16
    }
    var replies: [Key: Trajectory] = [:]
    for trajectory in context.trajectories {
      guard let ip = trajectory.frame?.ip,
        case .icmp(let type, _, let identifier, let sequence) = ip.transport,
        type == (ip.source.isIPv4 ? 0 : 129)
      else { continue }
      let key = Key(
        source: ip.destination, target: ip.source, identifier: identifier, sequence: sequence)
      // The one that came furthest.
      if (replies[key]?.sightings.count ?? 0) < trajectory.sightings.count { replies[key] = trajectory }
    }
    var order: [String] = []
    var found: [String: SizedExchange] = [:]
    for trajectory in context.trajectories {
      guard let first = trajectory.sightings.first, let ip = first.frame.ip, !ip.destination.isMulticast,
        ip.fragmentOffset == 0, first.segments == 1, first.hook.direction == .egress,
        case .icmp(let type, _, let identifier, let sequence) = ip.transport,
        type == (ip.destination.isIPv4 ? 8 : 128), let asker = asker(first, context)
      else { continue }
      let key = "\(asker.id) \(ip.source) \(ip.destination)"
      if found[key] == nil {
        order.append(key)
        found[key] = SizedExchange(asker: asker, source: ip.source, target: ip.destination, requests: [])
      }
      let answer = replies[
        Key(source: ip.source, target: ip.destination, identifier: identifier, sequence: sequence)]
      found[key]?.requests.append(
        Request(
          size: first.packetLength, trajectory: trajectory, answer: answer,
          isHeard: answer?.passed(Hook(asker.id, .ingress)) == true))
    }
    return order.compactMap { found[$0] }
  }

  private static func asker(_ first: Sighting, _ context: DiagnosisContext) -> Interface? {
    let id = first.hook.interface
    guard context.isChild(id) || context.isLower(id) else { return nil }
    return context.interface(id)
  }

  /// Whether somebody cut its packets: then their first fragment looks like a whole one. What else is cut between the two
  /// says nothing of them.
  private func isFragmented(_ context: DiagnosisContext) -> Bool {
    let own = Set((requests.map(\.trajectory) + requests.compactMap(\.answer)).compactMap(Packet.init))
    return context.observation.sightings.contains { sighting in
      guard let ip = sighting.frame.ip, ip.fragmentOffset > 0 else { return false }
      return own.contains(Packet(ip))
    }
  }

  /// What all fragments of one packet share (RFC 791, 3.2; of IPv6 the flow label, RFC 6437, 3).
  private struct Packet: Hashable {
    var source: IPAddress
    var destination: IPAddress
    var `protocol`: UInt8
    var identification: UInt32

    init(_ ip: IPFields) {
      source = ip.source
      destination = ip.destination
      self.protocol = ip.protocol
      identification = ip.identification
    }

    init?(_ trajectory: Trajectory) {
      guard let ip = trajectory.frame?.ip else { return nil }
      self.init(ip)
    }
  }

  /// The messages that say that a packet is too big (RFC 792, type 3, code 4; RFC 4443, type 2), for the asker.
  func tooBigMessages(_ context: DiagnosisContext) -> [Trajectory] {
    context.trajectories.filter { $0.frame.map { $0.isTooBig(for: source) } == true }
  }

  /// Whether such a message reached the asker's stack.
  private func wasTold(_ context: DiagnosisContext) -> Bool {
    tooBigMessages(context).contains { message in
      message.passed(Hook(asker.id, .ingress)) && !message.drops.contains(where: FilterCase.isFiltered)
    }
  }

  /// The router of this host that found the packets too big, and what became of its message.
  func localRouter(_ context: DiagnosisContext) -> UInt64? {
    vanished.flatMap(\.trajectory.drops).first { $0.reason == "PKT_TOO_BIG" }?.namespace
  }

  /// Whether what vanishes are the answers: the requests came to the target, and its answers left it.
  var isAnswerLost: Bool { !vanished.isEmpty && vanished.allSatisfy { $0.answer != nil } }

  /// The router of the asker's route to the target; `nil` where the target is on its own network.
  func gateway(_ context: DiagnosisContext) -> IPAddress? {
    let namespace = asker.id.namespace
    if let route = context.lookup(to: target, in: namespace)?.route { return route.gateway }
    return context.route(to: target, in: namespace)?.gateway
  }

  /// What was seen, as evidence.
  func evidence(_ context: DiagnosisContext) -> [Evidence] {
    let heard = requests.filter(\.isHeard)
    let last = vanished.last?.trajectory.sightings.last?.hook
    let place = last.map { hook in
      "; the last one was last seen at \(context.interface(hook.interface)?.label ?? "\(hook.interface)"), \(hook.direction.rawValue)"
    }
    return [
      Evidence(
        .trajectory,
        "\(heard.count) echo requests of up to \(passes) octets from \(source) to \(target) were answered, and none of "
          + "\(vanished.count) of \(smallestVanished ?? 0) octets and more\(place ?? "")")
    ]
      + (isAnswerLost
        ? [
          Evidence(
            .trajectory,
            "\(target) answered the large ones, too: it is the answers that vanish on their way back")
        ] : [])
  }

  /// The failed attempts and the flow that it explains.
  var flow: Flow { Flow(kind: .echo, asker: source, target: target) }
}

extension Frame {
  /// Whether it tells somebody that a packet of his was too big.
  func isTooBig(for address: IPAddress) -> Bool {
    guard let ip, ip.destination == address, case .icmp(let type, let code, _, _) = ip.transport else {
      return false
    }
    return address.isIPv4 ? type == 3 && code == 4 : type == 2
  }
}
