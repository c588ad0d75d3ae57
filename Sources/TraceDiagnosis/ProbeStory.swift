import NetworkAddresses
import TraceModel

/// The way of a probe as it was seen, hook by hook, and what should have come next.
struct ProbeStory {
  private let context: DiagnosisContext
  private let run: ProbeRun
  private let senders: Set<IPAddress>
  /// What was seen at the parents that the target and the router sit on, where those are others of this machine.
  private let far: [Observation]

  init(_ context: DiagnosisContext, _ run: ProbeRun, far: [Observation]) {
    self.context = context
    self.run = run
    self.far = far
    let own = run.from.namespace.flatMap { context.topology.namespace($0)?.localAddresses } ?? []
    senders = Set(own + [run.from.address].compactMap { $0 })
  }

  /// Empty where not one frame of it was seen and nothing is known of where it should have been.
  var steps: [PathStep] {
    guard let target = run.to.address else { return [] }
    let begin = run.probes.first?.sent ?? 0
    var all = context.trajectories
    if !far.isEmpty {
      let sides = [context.observation] + far
      all = TrajectoryJoiner.join(sides.flatMap(\.sightings), sides.flatMap(\.drops))
    }
    let mine = all.filter { $0.start >= begin }
    let requests = mine.filter {
      $0.frame.map { isRequest($0, target) } == true && !$0.sightings.isEmpty && isTold($0)
    }
    let asked = mine.filter { $0.frame.map { isResolution($0) } == true && !$0.sightings.isEmpty }
    // The packet itself tells more than the question for the next hop's MAC address.
    guard let request = (run.works ? requests.last : requests.first) ?? asked.first else {
      return notSent
    }
    let isPacket = request.frame?.ip?.destination == target
    let reply = mine.first { trajectory in
      guard let frame = trajectory.frame, trajectory.start >= request.start else { return false }
      if isPacket { return isReply(frame, target) && isTold(trajectory) }
      return frame.advertisedAddress == request.frame?.solicitedAddress
        && frame.destinationAddress.map(senders.contains) == true
    }
    var steps = seen(request, from: request.start)
    if let reply { steps += seen(reply, from: request.start) }
    if !run.works { steps += next(after: reply ?? request, isReply: reply != nil, isPacket) }
    return steps
  }

  private func interface(_ id: InterfaceID) -> Interface? {
    context.interface(id) ?? far.lazy.compactMap { $0.after.interface(id) ?? $0.before.interface(id) }.first
  }

  /// Both sides' parents may have one name.
  private func label(_ id: InterfaceID) -> String {
    if let near = context.interface(id) { return near.label }
    guard let other = interface(id) else { return "\(id)" }
    return other.kind == .parent && other.label == other.name
      ? "\(other.name) of \(run.to.label)'s host" : other.label
  }

  private var notSent: [PathStep] {
    let cause = run.probes.lazy.compactMap { probe in
      if case .failed(let error) = probe.outcome { error } else { nil }
    }.first
    guard !run.works else { return [] }
    let text = cause.map { "sent nothing: its own kernel refused (\($0))" } ?? "sent nothing that was seen"
    return [PathStep(run.from.label, nil, .missing, text)]
  }

  private func isRequest(_ frame: Frame, _ target: IPAddress) -> Bool {
    guard let ip = frame.ip, ip.destination == target, senders.contains(ip.source) || senders.isEmpty else {
      return false
    }
    switch (asked, ip.transport) {
    case (.icmp, .icmp(let type, _, _, _)): return type == (target.isIPv4 ? 8 : 128)
    case (.tcp, .tcp(_, let port, let flags, _, _)): return port == run.port && flags & 0x12 == 0x02
    case (.udp, .udp(_, let port, _)): return port == run.port
    default: return false
    }
  }

  /// Sizes are tried with echo requests.
  private var asked: ProbeProtocol { run.vanishingSize == nil ? run.protocol : .icmp }

  /// Where small packets get through and large ones do not, the large ones are told of.
  private func isTold(_ trajectory: Trajectory) -> Bool {
    guard let size = run.vanishingSize, let first = trajectory.sightings.first else { return true }
    return first.packetLength >= size
  }

  private func isReply(_ frame: Frame, _ target: IPAddress) -> Bool {
    guard let ip = frame.ip, senders.contains(ip.destination) else { return false }
    if case .icmp(let type, _, _, _) = ip.transport,
      ip.destination.isIPv4 ? [3, 11].contains(type) : (1...4).contains(type)
    {
      return true
    }
    guard ip.source == target else { return false }
    switch (asked, ip.transport) {
    case (.icmp, .icmp(let type, _, _, _)): return type == (target.isIPv4 ? 0 : 129)
    case (.tcp, .tcp(let port, _, _, _, _)): return port == run.port
    case (.udp, .udp(let port, _, _)): return port == run.port
    default: return false
    }
  }

  private func isResolution(_ frame: Frame) -> Bool {
    guard frame.solicitedAddress != nil, let source = frame.sourceAddress else { return false }
    return senders.contains(source)
  }

  private func seen(_ trajectory: Trajectory, from start: UInt64) -> [PathStep] {
    let offset = { (time: UInt64) in Double(time - min(start, time)) / 1000 }
    var text = trajectory.frame.map(Self.summary) ?? ""
    var steps: [PathStep] = []
    for sighting in trajectory.sightings {
      let label = label(sighting.hook.interface)
      let tag = sighting.frame.outerTag.map { "VLAN \($0.vlanID)" } ?? ""
      let note = [text, tag].filter { !$0.isEmpty }.joined(separator: ", ")
      steps.append(
        PathStep(label, sighting.hook.direction, .passed, note, offset: offset(sighting.time)))
      text = ""
    }
    for drop in trajectory.drops where isOnTheWay(drop) {
      let label = drop.interface.map(label) ?? "the kernel"
      let place = drop.location.map { " at \($0)" } ?? ""
      steps.append(
        PathStep(
          label, nil, .dropped, "freed: \(drop.reason ?? "dropped")\(place)", offset: offset(drop.time)))
    }
    return steps
  }

  /// A neighbor's packets are freed seconds later, when it was not found; and what nobody reads any more, a delivered echo
  /// reply among them, has come through.
  private func isOnTheWay(_ drop: Drop) -> Bool {
    !run.works && drop.reason?.hasPrefix("NEIGH_") != true && drop.reason != "NO_SOCKET"
  }

  /// What should have come behind the last place.
  private func next(after last: Trajectory, isReply: Bool, _ isPacket: Bool) -> [PathStep] {
    if last.drops.contains(where: isOnTheWay) { return [] }
    if run.probes.last?.outcome == .refused {
      return [PathStep(run.to.label, nil, .missing, "refused")]
    }
    guard let hook = last.sightings.last?.hook else { return [] }
    let destination = isReply ? run.from : run.to
    // What stands behind a child, such as a bridge, is not observed: the child is.
    let receiver =
      destination.interface.flatMap(interface)
      ?? context.topology.children.first { $0.id.namespace == destination.namespace }
    if !isReply, let receiver, hook == Hook(receiver.id, .ingress) {
      return [PathStep(receiver.label, .egress, .missing, "no answer left")]
    }
    if isReply, hook.interface.namespace == run.from.namespace, hook.direction == .ingress {
      return [PathStep(run.from.label, nil, .missing, "the answer did not get through to the program")]
    }
    var steps: [PathStep] = []
    if hook == context.parentOut {
      steps.append(PathStep("the wire", nil, .unobserved, "the switch, and what lies behind it"))
      steps.append(
        PathStep(
          context.parent.label, .ingress, .missing,
          receiver?.kind.isChild == true && !isReply && far.isEmpty
            ? "it did not come back" : "no answer came in"))
    }
    if let receiver, receiver.kind.isChild {
      steps.append(PathStep(receiver.label, .ingress, .missing, "never arrived"))
    } else if hook != context.parentOut, hook.direction == .egress {
      steps.append(PathStep(context.parent.label, .egress, .missing, "never left"))
    }
    return steps
  }

  private static func summary(_ frame: Frame) -> String {
    switch frame.network {
    case .arp(let arp):
      return arp.operation == 1
        ? "ARP: who has \(arp.targetAddress)?" : "ARP: \(arp.senderAddress) is at \(arp.senderMAC)"
    case .ip(let ip):
      switch ip.transport {
      case .icmp(let type, let code, _, let sequence):
        switch (ip.destination.isIPv4, type) {
        case (true, 8), (false, 128): return "echo request \(sequence)"
        case (true, 0), (false, 129): return "echo reply \(sequence)"
        default: return "ICMP type \(type), code \(code), from \(ip.source)"
        }
      case .neighborDiscovery(let target, let type):
        return type == 135 ? "who has \(target)?" : "\(target) is at \(frame.source)"
      case .tcp(_, let port, let flags, _, _):
        let names = [(0x02, "SYN"), (0x10, "ACK"), (0x01, "FIN"), (0x04, "RST")]
        let set = names.filter { Int(flags) & $0.0 != 0 }.map(\.1).joined(separator: "+")
        return "TCP \(set) to port \(port)"
      case .udp(_, let port, _): return "UDP to port \(port)"
      case .none: return "IP to \(ip.destination)"
      }
    case .other: return ""
    }
  }
}
