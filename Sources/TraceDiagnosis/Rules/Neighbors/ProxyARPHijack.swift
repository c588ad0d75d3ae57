import NetworkAddresses
import TraceModel

/// `proxy-arp-hijack`: a router answers ARP requests for addresses that others have.
enum ProxyARPHijack: Rule {
  static let card = RuleCard(
    id: "proxy-arp-hijack", title: "a router answers for addresses that are not its own", severity: .error,
    explanation: """
      With proxy ARP a machine answers ARP requests for every address that it would route elsewhere. Where such an \
      address belongs to a machine on this very segment, both answer; who asks takes the first or the last answer, and \
      sends to the router what was meant for its neighbor.
      """,
    proof: """
      One MAC address answered for several IP addresses, among them one for which its owner answers with another MAC \
      address, or which belongs to an interface of this host; or this host's own proxy_arp did so.
      """,
    fix:
      "Set proxy_arp=0 on the router's interface, or correct the route by which it takes the address for remote."
  )

  /// An address for which somebody answers whose it is not.
  private struct Case {
    var address: IPAddress
    var mac: MACAddress
    /// The interface of this host that answers; `nil`: it is another machine's.
    var interface: Interface?
    var evidence: [Evidence]
    var isProven = true
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = cases(context)
    let explained = context.failures.filter { attempt in
      cases.contains { $0.address == attempt.target || $0.address == attempt.source }
    }
    let findings = Dictionary(grouping: cases, by: \.mac).values.compactMap { finding($0, context) }
    return .findings(findings.sorted { $0.title < $1.title }, explaining: explained)
  }

  /// The addresses that somebody answers for whose they are not: their owners are no duplicates.
  static func addresses(_ context: DiagnosisContext) -> Set<IPAddress> {
    Set(cases(context).map(\.address))
  }

  private static func finding(_ cases: [Case], _ context: DiagnosisContext) -> Finding? {
    guard let first = cases.first else { return nil }
    let who = first.interface?.label ?? "\(first.mac)"
    let addresses = cases.map { "\($0.address)" }.joined(separator: ", ")
    var told: Set<Evidence> = []
    let evidence = cases.flatMap(\.evidence).filter { told.insert($0).inserted }
    return Self.finding(
      cases.contains(where: \.isProven) ? .proven : .likely,
      title: "\(who) answers for \(addresses), which \(cases.count == 1 ? "is" : "are") not its own",
      subjects: [first.interface?.id.description ?? first.mac.description] + cases.map(\.address.description),
      evidence: evidence, fixes: fixes(cases, context))
  }

  private static func fixes(_ cases: [Case], _ context: DiagnosisContext) -> [Fix] {
    guard let interface = cases.first?.interface else {
      let mac = cases.first.map { "\($0.mac)" } ?? "?"
      return [
        Fix(
          "On the machine with \(mac): `sysctl -w net.ipv4.conf.all.proxy_arp=0` and the same for its interface on this "
            + "segment (other routers: `no ip proxy-arp`)."),
        Fix(
          "Or correct its routes: it takes \(cases.map { "\($0.address)" }.joined(separator: ", ")) for remote."
        ),
      ]
    }
    let commands = Commands(context: context)
    return [
      Fix(
        "Answer for own addresses alone.",
        commands: [
          commands.inside(interface, "sysctl -w net.ipv4.conf.all.proxy_arp=0"),
          commands.set("proxy_arp", to: 0, of: interface),
        ])
    ]
  }

  private static func cases(_ context: DiagnosisContext) -> [Case] {
    let claims = context.claims
    let own = local(context, claims)
    let contested = self.contested(context, claims).filter { one in
      !own.contains { $0.address == one.address }
    }
    return own + contested
      + uncontested(context, claims).filter { one in
        !(own + contested).contains { $0.address == one.address }
      }
  }

  /// This host, or a container, answers by its setting.
  private static func local(_ context: DiagnosisContext, _ claims: AddressClaims) -> [Case] {
    var told: Set<String> = []
    return context.observation.sightings.compactMap { sighting in
      guard sighting.hook.direction == .egress, let arp = sighting.frame.arp, arp.operation == 2,
        let interface = context.interface(sighting.hook.interface), interface.mac == arp.senderMAC,
        !context.isLocal(arp.senderAddress, in: interface.id.namespace),
        context.highest("proxy_arp", of: interface) == 1
      else { return nil }
      let address = arp.senderAddress
      let owner = context.topology.interfaces.first {
        $0.owns(address) && $0.id.namespace != interface.id.namespace && $0.vlan == interface.vlan
      }
      let rival = claims.claims.first { $0.address == address && $0.mac != arp.senderMAC }?.mac
      let fails = context.failures.contains {
        $0.target == address
          && ($0.kind == .resolution || $0.unanswered.last?.frame?.destination == interface.mac)
      }
      guard owner != nil || rival != nil || fails, told.insert("\(interface.id) \(address)").inserted else {
        return nil
      }
      return Case(
        address: address, mac: arp.senderMAC, interface: interface,
        evidence: [
          Evidence(
            .trajectory,
            "\(interface.label) answered \(arp.targetAddress) that \(address) is at its own \(arp.senderMAC)"),
          Evidence(
            .state,
            "\(address) is \(owner?.label ?? rival.map { "that of \($0), which answers, too" } ?? "no address of its namespace")"
              + (owner == nil ? "" : "'s")),
          Evidence(.state, "\(interface.label) has proxy_arp=1"),
        ])
    }
  }

  /// Another machine answers for what is somebody else's.
  private static func contested(_ context: DiagnosisContext, _ claims: AddressClaims) -> [Case] {
    var found: [Case] = []
    for (first, second) in claims.rivals
    where first.address.isIPv4 && !context.isOneNamespace(first.mac, second.mac) {
      for (claim, other) in [(first, second), (second, first)] where !context.isLocal(claim.mac) {
        found.append(
          Case(
            address: claim.address, mac: claim.mac,
            evidence: [
              Evidence(
                .trajectory,
                "\(claim.mac) and \(other.mac) both answered \(claim.asker?.description ?? "") for \(claim.address)"
              )
            ]))
      }
    }
    for claim in claims.claims where claim.isFromWire && claim.asker != nil && claim.address.isIPv4 {
      guard !found.contains(where: { $0.address == claim.address && $0.mac == claim.mac }),
        let owner = context.topology.interfaces.first(where: {
          $0.owns(claim.address) && $0.vlan == claim.vlan && $0.up
        }), owner.mac != claim.mac, !context.isLocal(claim.mac)
      else { continue }
      found.append(
        Case(
          address: claim.address, mac: claim.mac,
          evidence: [
            Evidence(
              .trajectory, "\(claim.mac) on the wire answered for \(claim.address), which is \(owner.label)'s"
            )
          ]))
    }
    // With one address more than another machine's it may as well be a duplicate.
    return found.compactMap { one in
      let contested = Set(found.filter { $0.mac == one.mac }.map(\.address))
      let spoken = spoken(by: one.mac, claims, context)
      let router = gateway(at: one.mac, context)
      guard contested.count >= 2 || spoken.count >= 3 || router != nil else { return nil }
      // The rival is the owner, not a second proxy.
      guard
        !found.contains(where: {
          $0.address == one.address && $0.mac != one.mac
            && self.spoken(by: $0.mac, claims, context).count > spoken.count
        })
      else { return nil }
      var judged = one
      judged.evidence.append(breadth(one.mac, spoken, router))
      return judged
    }
  }

  /// A router answers for whatever is asked, and what is sent to it dies.
  ///
  /// Another machine may just have several addresses, one of them silent.
  private static func uncontested(_ context: DiagnosisContext, _ claims: AddressClaims) -> [Case] {
    context.failures.compactMap { attempt in
      guard attempt.kind != .resolution, attempt.target.isIPv4, let asker = context.asker(attempt.asker),
        asker.addresses.contains(where: { $0.contains(attempt.target) }),
        let mac = attempt.unanswered.last?.frame?.destination, !context.isLocal(mac),
        claims.claims.contains(where: {
          $0.isFromWire && $0.mac == mac && $0.address == attempt.target && $0.asker != nil
        }), let router = gateway(at: mac, context), router != attempt.target,
        !context.topology.interfaces.contains(where: { $0.mac == mac && $0.owns(attempt.target) })
      else { return nil }
      let spoken = spoken(by: mac, claims, context)
      guard spoken.count >= 3 else { return nil }
      return Case(
        address: attempt.target, mac: mac,
        evidence: [
          Evidence(.trajectory, "\(attempt.summary) went to \(mac), and nothing came back"),
          breadth(mac, spoken, router),
          Evidence(.trajectory, "missing for proof: an answer of the owner of \(attempt.target)"),
        ], isProven: false)
    }
  }

  private static func breadth(_ mac: MACAddress, _ spoken: Set<IPAddress>, _ router: IPAddress?) -> Evidence {
    let all = spoken.sorted { "\($0)" < "\($1)" }
    let list = all.prefix(5).map { "\($0)" }.joined(separator: ", ")
    return Evidence(
      .neighbor,
      "\(mac) speaks for \(all.count) addresses: \(list)\(all.count > 5 ? ", ..." : "")"
        + (router.map { "; it is the router \($0)" } ?? ""))
  }

  /// The IPv4 addresses that a MAC address was heard, or is known, to stand for.
  private static func spoken(by mac: MACAddress, _ claims: AddressClaims, _ context: DiagnosisContext)
    -> Set<IPAddress>
  {
    let heard = claims.claims.filter { $0.mac == mac && $0.address.isIPv4 }.map(\.address)
    let known = context.topology.namespaces.flatMap(\.neighbors).filter { $0.mac == mac && $0.address.isIPv4 }
      .map(\.address)
    return Set(heard + known)
  }

  /// The router that is known to have that MAC address.
  private static func gateway(at mac: MACAddress, _ context: DiagnosisContext) -> IPAddress? {
    for namespace in context.topology.namespaces {
      let gateways = Set(namespace.routes.compactMap(\.gateway))
      if let entry = namespace.neighbors.first(where: { $0.mac == mac && gateways.contains($0.address) }) {
        return entry.address
      }
    }
    return nil
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let target = run.to.address, target.isIPv4 else { return nil }
    let claims = context.claims
    let macs = Set(claims.claims.filter { $0.address == target && $0.asker != nil }.map(\.mac))
    guard macs.count == 1, let mac = macs.first, spoken(by: mac, claims, context) == [target] else {
      return nil
    }
    return "\(mac) answers for \(target) and for no other address"
  }
}
