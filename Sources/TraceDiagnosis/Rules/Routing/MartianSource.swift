import NetworkAddresses
import TraceModel

/// `martian-source`: packets come in with a source address that cannot be.
enum MartianSource: Rule {
  static let card = RuleCard(
    id: "martian-source", title: "packets with an impossible source address", severity: .warning,
    explanation: """
      A packet's source address is the receiver's own, a loopback address, or another one that nobody can have. Linux drops \
      it without a word unless log_martians is set. Such packets come from a wrong translation of addresses, from a second \
      machine that forwards with the same address, or from somebody who forges them.
      """,
    proof: """
      The kernel freed the packets with IP_LOCAL_SOURCE, IP_INVALID_SOURCE or IP_LOCALNET as its reason; or they came to a \
      namespace that has their source address itself, and were freed.
      """,
    fix: "Correct the address, or the translation (SNAT), of the machine that sends them.")

  private static let reasons: Set = ["IP_LOCAL_SOURCE", "IP_INVALID_SOURCE", "IP_LOCALNET"]

  private struct Key: Hashable {
    var namespace: UInt64
    var source: IPAddress
    var mac: MACAddress
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var found: [Key: [(trajectory: Trajectory, drop: Drop)]] = [:]
    var order: [Key] = []
    for trajectory in context.trajectories {
      for drop in trajectory.drops {
        guard let frame = trajectory.sightings.last?.frame ?? drop.frame, let ip = frame.ip,
          !frame.destination.isMulticast, !ip.destination.isMulticast,
          // What the switch reflects has the child's own MAC address.
          !isOwn(frame.source, drop.namespace, context), isMartian(drop, ip, context)
        else { continue }
        let key = Key(namespace: drop.namespace, source: ip.source, mac: frame.source)
        if found[key] == nil { order.append(key) }
        found[key, default: []].append((trajectory, drop))
      }
    }
    let keys = order.filter { (found[$0]?.count ?? 0) >= 2 }
    let findings = keys.compactMap { key in found[key].map { finding(key, $0, context) } }
    let flows = keys.flatMap { key in
      (found[key] ?? []).flatMap { pair -> [Flow] in
        guard let ip = (pair.trajectory.frame ?? pair.drop.frame)?.ip else { return [] }
        // Answers with a wrong source are what somebody here waits for.
        return context.flows.map(\.flow).filter { flow in
          flow.asker == ip.source && flow.target == ip.destination
            || flow.asker == ip.destination && context.isLocal(ip.destination, in: key.namespace)
              && isSentTo(key.mac, flow, context)
        }
      }
    }
    return .findings(findings, flows: Set(flows))
  }

  private static func isOwn(_ mac: MACAddress, _ namespace: UInt64, _ context: DiagnosisContext) -> Bool {
    context.topology.interfaces.contains { $0.mac == mac && $0.id.namespace == namespace }
  }

  private static func isMartian(_ drop: Drop, _ ip: IPFields, _ context: DiagnosisContext) -> Bool {
    if let reason = drop.reason, reasons.contains(reason) { return true }
    // Kernels before these reasons (Linux 6.14) free it in the same function as others.
    guard drop.reason == nil || drop.reason == "NOT_SPECIFIED",
      ["ip_rcv", "ip_route_input", "ip_error", "ip_sublist_rcv", "ip_list_rcv"].contains(where: {
        drop.location?.hasPrefix($0) == true
      })
    else { return false }
    return context.isLocal(ip.source, in: drop.namespace) || ip.source.isLoopback
  }

  /// Whether the flow's requests went to that machine and none came back.
  private static func isSentTo(_ mac: MACAddress, _ flow: Flow, _ context: DiagnosisContext) -> Bool {
    guard flow.kind != .resolution, let traffic = context.flows.first(where: { $0.flow == flow }) else {
      return false
    }
    return traffic.answers.isEmpty && traffic.requests.last?.frame?.destination == mac
  }

  private static func finding(
    _ key: Key, _ pairs: [(trajectory: Trajectory, drop: Drop)], _ context: DiagnosisContext
  ) -> Finding {
    let who = FilterFindings.name(key.namespace, context)
    let reason = pairs.last?.drop.reason ?? "no reason"
    let sender = context.topology.interfaces.first { $0.mac == key.mac }
    let isOwn = context.isLocal(key.source, in: key.namespace)
    return Self.finding(
      .proven, title: "\(sender?.label ?? "\(key.mac)") sends to \(who) as \(key.source)",
      subjects: [who, key.mac.description, key.source.description],
      evidence: [
        Evidence(.drop, "the kernel freed \(pairs.count) packets from \(key.source) in \(who): \(reason)"),
        Evidence(.trajectory, "they came from \(sender?.label ?? "\(key.mac)")"),
        Evidence(
          .state,
          isOwn ? "\(key.source) is \(who)'s own address" : "nobody on a network can have \(key.source)"),
      ],
      fixes: [
        Fix(
          "On \(sender?.namespace ?? "the machine with \(key.mac)"): look for the rule that puts \(key.source) in (`nft list "
            + "ruleset`, SNAT), or for the interface that has it (`ip address`), and take it out."),
        Fix("`sysctl -w net.ipv4.conf.all.log_martians=1` in \(who) has the kernel log each."),
      ])
  }
}
