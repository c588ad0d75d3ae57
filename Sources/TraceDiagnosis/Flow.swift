import NetworkAddresses
import TraceModel

/// What somebody asks of somebody else: every try of it, whatever its numbers.
struct Flow: Hashable {
  enum Kind: Hashable {
    /// ARP or neighbor discovery.
    case resolution
    /// ICMP or ICMPv6 echo.
    case echo
    case tcp
    case udp
  }

  var kind: Kind
  var asker: IPAddress
  var target: IPAddress
  /// The target's, with TCP and UDP; else 0.
  var port: UInt16 = 0

  /// `echo requests`, `TCP SYNs to port 80`.
  var noun: String {
    switch kind {
    case .resolution: target.isIPv4 ? "ARP requests" : "neighbor solicitations"
    case .echo: "echo requests"
    case .tcp: "TCP SYNs to port \(port)"
    case .udp: "UDP datagrams to port \(port)"
    }
  }

  /// What is sent back.
  var answerNoun: String {
    switch kind {
    case .resolution: target.isIPv4 ? "ARP replies" : "neighbor advertisements"
    case .echo: "echo replies"
    case .tcp: "TCP answers from port \(port)"
    case .udp: "UDP answers from port \(port)"
    }
  }

  /// Whether an attempt is a part of it.
  func contains(_ attempt: Attempt) -> Bool {
    guard attempt.source == asker, attempt.target == target else { return false }
    switch attempt.kind {
    case .resolution: return kind == .resolution
    case .echo: return kind == .echo
    case .connection: return kind == .tcp
    }
  }
}

/// What was seen of a flow.
struct FlowTraffic {
  var flow: Flow
  /// In time order.
  var requests: [Trajectory] = []
  /// What was asked for: replies, SYN with ACK, datagrams back.
  var answers: [Trajectory] = []
  /// TCP segments with RST, ICMP port unreachable from the target itself or in its name.
  var refusals: [Trajectory] = []
}

extension FlowTraffic {
  /// Every flow of an observation, in the order of the first frame.
  static func all(_ trajectories: [Trajectory]) -> [FlowTraffic] {
    var order: [Flow: Int] = [:]
    var found: [FlowTraffic] = []
    func note(_ flow: Flow, _ path: WritableKeyPath<FlowTraffic, [Trajectory]>, _ trajectory: Trajectory) {
      let index = order[flow] ?? found.count
      if index == found.count {
        order[flow] = index
        found.append(FlowTraffic(flow: flow))
      }
      found[index][keyPath: path].append(trajectory)
    }
    var lastDatagrams: [Pair: Flow] = [:]
    for trajectory in trajectories {
      guard let frame = trajectory.frame else { continue }
      if let target = frame.solicitedAddress, let asker = frame.sourceAddress {
        note(Flow(kind: .resolution, asker: asker, target: target), \.requests, trajectory)
        continue
      }
      if let target = frame.advertisedAddress, let asker = frame.destinationAddress {
        note(Flow(kind: .resolution, asker: asker, target: target), \.answers, trajectory)
        continue
      }
      guard let ip = frame.ip, !ip.destination.isMulticast, !frame.destination.isMulticast else { continue }
      let (source, destination) = (ip.source, ip.destination)
      switch ip.transport {
      case .icmp(let type, let code, _, _):
        switch (source.isIPv4, type) {
        case (true, 8), (false, 128):
          note(Flow(kind: .echo, asker: source, target: destination), \.requests, trajectory)
        case (true, 0), (false, 129):
          note(Flow(kind: .echo, asker: destination, target: source), \.answers, trajectory)
        case (true, 3), (false, 1):
          // Port unreachable: which port is not recorded, so it is that of the last datagram.
          if code == (source.isIPv4 ? 3 : 4), let flow = lastDatagrams[Pair(destination, source)] {
            note(flow, \.refusals, trajectory)
          }
        default: break
        }
      case .tcp(let sourcePort, let port, let flags, _, _):
        let answered = Flow(kind: .tcp, asker: destination, target: source, port: sourcePort)
        if flags & 0x12 == 0x02 {
          note(Flow(kind: .tcp, asker: source, target: destination, port: port), \.requests, trajectory)
        } else if flags & 0x12 == 0x12 {
          note(answered, \.answers, trajectory)
        } else if flags & 0x04 != 0, order[answered] != nil {
          note(answered, \.refusals, trajectory)
        }
      case .udp(let sourcePort, let port, _):
        let answered = Flow(kind: .udp, asker: destination, target: source, port: sourcePort)
        if order[answered] != nil {
          note(answered, \.answers, trajectory)
        } else {
          let flow = Flow(kind: .udp, asker: source, target: destination, port: port)
          lastDatagrams[Pair(source, destination)] = flow
          note(flow, \.requests, trajectory)
        }
      default: break
      }
    }
    return found
  }

  private struct Pair: Hashable {
    var asker: IPAddress
    var target: IPAddress
    init(_ asker: IPAddress, _ target: IPAddress) {
      self.asker = asker
      self.target = target
    }
  }
}
