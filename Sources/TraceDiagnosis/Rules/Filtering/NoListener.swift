import NetworkAddresses
import TraceModel

/// `no-listener`: the packet arrived, and no program waits for it.
enum NoListener: Rule {
  static let card = RuleCard(
    id: "no-listener", title: "nobody listens on that port", severity: .error,
    explanation: """
      The network works: the packet arrived, and the target's kernel answered that no program waits on that port \
      ("connection refused"). The program does not run, listens on another port, or on another address, such as \
      127.0.0.1, which nobody else reaches.
      """,
    proof: """
      The target's own kernel refused (TCP RST, or ICMP port unreachable), no packet filter freed the request, and \
      no socket in its namespace listens on that address and port.
      """,
    fix: "Start the program, or have it listen on the container's address or on every address.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: Set<Flow> = []
    for traffic in context.flows where traffic.flow.kind == .tcp || traffic.flow.kind == .udp {
      let flow = traffic.flow
      guard !context.isExplained(flow), let last = traffic.refusals.last,
        !traffic.answers.contains(where: { $0.start > last.start }),
        !traffic.requests.contains(where: { $0.drops.contains(where: FilterCase.isFiltered) })
      else { continue }
      let home = context.home(of: flow.target)
      // Elsewhere a firewall may refuse in the target's name: that is worth a word when it was asked for.
      guard
        home != nil
          || context.observation.probeRun.map({ $0.to.address == flow.target && $0.port == flow.port })
            == true
      else { continue }
      let listeners = home.flatMap { context.state($0)?.listeners }
      let same = (listeners ?? []).filter { $0.protocol == kind(flow) && $0.port == flow.port }
      if same.contains(where: { takes($0, flow.target) }) { continue }
      let refused = home.map { namespace in
        traffic.refusals.contains { refusal in
          refusal.sightings.contains {
            $0.hook.interface.namespace == namespace && $0.hook.direction == .egress
          }
        }
      }
      let isProven = refused == true && listeners != nil
      let who = home.map { FilterFindings.name($0, context) } ?? "\(flow.target)"
      let sign = flow.kind == .tcp ? "TCP segments with RST" : "ICMP port unreachable messages"
      var evidence = [
        Evidence(
          .trajectory,
          "\(traffic.requests.count) \(flow.noun) from \(flow.asker) were answered by \(traffic.refusals.count) \(sign) from \(flow.target)"
        )
      ]
      let sockets = traffic.requests.flatMap(\.drops).count { $0.reason == "NO_SOCKET" }
      if sockets > 0 { evidence.append(Evidence(.drop, "\(sockets) of them were freed there: NO_SOCKET")) }
      if listeners != nil {
        let port = "\(kind(flow).rawValue.uppercased()) port \(flow.port)"
        evidence.append(
          Evidence(
            .state,
            same.isEmpty
              ? "no socket listens on \(port) in \(who)"
              : "\(port) in \(who) is listened on at \(same.map(\.address.description).joined(separator: ", ")) alone"
          ))
      }
      if !isProven {
        evidence.append(
          Evidence(
            .state,
            home == nil
              ? "missing for proof: \(flow.target) is not on this machine, and its firewall may refuse, too"
              : "missing for proof: the refusal was not seen leaving \(who), or its sockets could not be read"
          ))
      }
      explained.insert(flow)
      findings.append(
        finding(
          isProven ? .proven : .likely,
          title: "nobody listens on \(kind(flow).rawValue.uppercased()) port \(flow.port) of \(who)",
          subjects: [who, flow.target.description, "\(flow.port)", kind(flow).rawValue], evidence: evidence,
          fixes: [fix(flow, same, who)]))
    }
    return .findings(findings, flows: explained)
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard run.protocol != .icmp, let port = run.port, let target = run.to.address,
      let namespace = run.to.namespace, let listeners = context.state(namespace)?.listeners
    else { return nil }
    let isHeard = listeners.contains { $0.protocol == run.protocol && $0.port == port && takes($0, target) }
    return isHeard
      ? "a program in \(run.to.label) listens on \(run.protocol.rawValue.uppercased()) port \(port)" : nil
  }

  private static func kind(_ flow: Flow) -> ProbeProtocol { flow.kind == .tcp ? .tcp : .udp }

  /// Whether the socket takes what is for the address; one on every IPv6 address takes IPv4, too, unless told not to.
  private static func takes(_ listener: Listener, _ target: IPAddress) -> Bool {
    listener.address == target
      || listener.address.isUnspecified && listener.address.isIPv4 == target.isIPv4
  }

  private static func fix(_ flow: Flow, _ same: [Listener], _ who: String) -> Fix {
    guard let other = same.first else {
      return Fix(
        "Start the program that should listen on port \(flow.port) in \(who), or ask for the port that it has."
      )
    }
    return Fix(
      "Have the program in \(who) listen on \(flow.target) or on every address (\(flow.target.isIPv4 ? "0.0.0.0" : "::")), not on "
        + "\(other.address).")
  }
}
