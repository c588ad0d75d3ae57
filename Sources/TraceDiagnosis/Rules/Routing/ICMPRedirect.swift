import NetworkAddresses
import TraceModel

/// `icmp-redirect`: a router sent the sender to another one, by whom it does not get through.
enum ICMPRedirect: Rule {
  static let card = RuleCard(
    id: "icmp-redirect", title: "a redirect leads the traffic astray", severity: .error,
    explanation: """
      A router that hands a packet on by the interface where it came in tells the sender that it may go to the next router \
      directly (ICMP redirect). The sender remembers that beside its routing table, and `ip route` does not show it. By the \
      new way it does not get through: the next router answers only those that it knows, or is none.
      """,
    proof: """
      The kernel's way to the target leads by another router than its routing table says, as a redirect did, and requests \
      sent that way were not answered.
      """,
    fix: "Set accept_redirects=0 where the traffic starts, and send_redirects=0 on the router.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    var told: Set<String> = []
    for attempt in context.failures {
      guard let asker = context.asker(attempt.asker), let detour = detour(of: attempt, asker, context) else {
        continue
      }
      explained.append(attempt)
      guard told.insert("\(asker.id.namespace) \(detour.now)").inserted else { continue }
      let seen = context.observation.sightings.count { sighting in
        sighting.hook == Hook(asker.id, .ingress) && isRedirect(sighting.frame, to: asker)
      }
      let version = detour.now.isIPv4 ? "ipv4" : "ipv6"
      let commands = Commands(context: context)
      let name = Commands.quoted(asker.name)
      let gap = context.gap(at: [Hook(asker.id, .ingress)], [attempt])
      var evidence = [
        Evidence(
          .state,
          "\(asker.label)'s routing table leads to \(detour.destination) by \(detour.usual), its kernel sends by \(detour.now)"
            + (detour.isTold ? ": a redirect said so" : "")),
        Evidence(.trajectory, "\(attempt.summary) went that way and were not answered"),
      ]
      if seen > 0 { evidence.append(Evidence(.trajectory, "\(seen) redirects came to \(asker.label)")) }
      if let gap { evidence.append(Evidence(.counter, "missing for proof: \(gap)")) }
      findings.append(
        finding(
          gap == nil && (detour.isTold || seen > 0) ? .proven : .likely,
          title: "\(asker.label) was redirected from \(detour.usual) to \(detour.now), and gets no answer",
          subjects: [asker.id.description, detour.usual.description, detour.now.description],
          evidence: evidence,
          fixes: [
            Fix(
              "Have \(asker.label) ignore redirects, and forget those that it got.",
              commands: [
                commands.inside(asker, "sysctl -w net.\(version).conf.all.accept_redirects=0"),
                commands.set("accept_redirects", to: 0, of: asker, isIPv4: detour.now.isIPv4),
                commands.inside(asker, "ip \(detour.now.isIPv4 ? "" : "-6 ")route flush cache"),
              ]),
            Fix(
              "On the router \(detour.usual): `sysctl -w net.ipv4.conf.all.send_redirects=0` and the same for its interface."
            ),
            Fix(
              "Or give \(asker.namespace) a route by \(detour.now), if that is the way, and have that router let it pass (\(name))."
            ),
          ]))
    }
    return .findings(findings, explaining: explained)
  }

  private struct Detour {
    var destination: IPAddress
    var usual: IPAddress
    var now: IPAddress
    /// Whether the kernel says that it was a redirect.
    var isTold: Bool
  }

  /// Where the kernel's way leads elsewhere than the table's.
  private static func detour(of attempt: Attempt, _ asker: Interface, _ context: DiagnosisContext) -> Detour?
  {
    let namespace = asker.id.namespace
    // Who asks for the router's MAC address does so for somebody else.
    let lookups = context.observation.routeLookups.filter { lookup in
      lookup.namespace == namespace
        && (lookup.destination == attempt.target
          || attempt.kind == .resolution && lookup.route?.gateway == attempt.target)
    }
    for lookup in lookups {
      guard let now = lookup.route?.gateway, let table = lookup.route?.table, !now.isLinkLocal,
        let route = context.route(to: lookup.destination, in: namespace, table: table == 0 ? 254 : table),
        let usual = route.gateway, usual != now
      else { continue }
      let isTold = lookup.isRedirected
      // Of several routes alike the kernel may take any.
      let others = context.topology.namespace(namespace)?.routes.contains { $0.gateway == now } ?? false
      guard isTold || !others else { continue }
      return Detour(destination: lookup.destination, usual: usual, now: now, isTold: isTold)
    }
    return nil
  }

  private static func isRedirect(_ frame: Frame, to asker: Interface) -> Bool {
    guard let ip = frame.ip, asker.owns(ip.destination), case .icmp(let type, _, _, _) = ip.transport else {
      return false
    }
    return ip.destination.isIPv4 ? type == 5 : type == 137
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let sender = context.sender(of: run), let lookup = context.lookup(of: run), !lookup.isRedirected,
      context.observation.sightings.contains(where: {
        $0.hook == Hook(sender.id, .ingress) && isRedirect($0.frame, to: sender)
      })
    else { return nil }
    return "a redirect came to \(run.from.label), and its kernel did not follow it"
  }
}
