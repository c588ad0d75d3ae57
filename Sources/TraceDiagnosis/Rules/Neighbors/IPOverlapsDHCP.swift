import NetworkAddresses
import TraceModel

/// `ip-overlaps-dhcp`: a DHCP server hands out an address that a child has.
enum IPOverlapsDHCP: Rule {
  static let card = RuleCard(
    id: "ip-overlaps-dhcp", title: "a DHCP server hands out a child's address", severity: .error,
    explanation: """
      Docker gives its containers addresses from a pool of its own and asks no DHCP server. The server of this network \
      has the same addresses in its pool, and gives one to somebody else: two machines have one address as soon as the other \
      one uses it.
      """,
    proof: """
      A DHCP server's reply offered or gave an address that a child or another interface here has to a MAC address that \
      is not its.
      """,
    fix: "Take the containers' addresses out of the DHCP server's pool, or give Docker others (`--ip-range`)."
  )

  private struct Case {
    var lease: AddressLease
    var owner: Interface
    var server: Frame
    var count = 1
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = cases(context)
    let explained = context.failures.filter { attempt in
      cases.contains { $0.lease.address == attempt.target || $0.lease.address == attempt.source }
    }
    return .findings(cases.map { finding($0, context) }, explaining: explained)
  }

  /// The addresses that are given twice.
  static func addresses(_ context: DiagnosisContext) -> Set<IPAddress> {
    Set(cases(context).map(\.lease.address))
  }

  private static func cases(_ context: DiagnosisContext) -> [Case] {
    var found: [Case] = []
    for sighting in context.observation.sightings {
      guard let lease = sighting.frame.lease,
        let owner = context.topology.interfaces.first(where: {
          $0.owns(lease.address) && $0.mac != lease.client && vlan(sighting, context) == $0.vlan
        }),
        // A client of its own in the same namespace, such as a bridge's, has another MAC address by right.
        !context.topology.interfaces.contains(where: {
          $0.mac == lease.client && $0.id.namespace == owner.id.namespace
        }),
        context.observation.before.interface(owner.id)?.owns(lease.address) == true
      else { continue }
      if let index = found.firstIndex(where: { $0.lease == lease }) {
        if sighting.hook == context.parentIn { found[index].count += 1 }
      } else {
        found.append(Case(lease: lease, owner: owner, server: sighting.frame))
      }
    }
    return found
  }

  private static func vlan(_ sighting: Sighting, _ context: DiagnosisContext) -> VLANID? {
    sighting.frame.outerTag?.vlanID ?? context.interface(sighting.hook.interface)?.vlan
  }

  private static func finding(_ one: Case, _ context: DiagnosisContext) -> Finding {
    let server = one.server.sourceAddress.map { "\($0)" } ?? "\(one.server.source)"
    let client =
      context.topology.interfaces.first { $0.mac == one.lease.client }?.label ?? "\(one.lease.client)"
    var evidence = [
      Evidence(
        .trajectory,
        "the DHCP server \(server) (\(one.server.source)) gave \(one.lease.address) to \(client)"),
      Evidence(
        .state, "\(one.owner.label) has \(one.lease.address), at \(one.owner.mac?.description ?? "?")"),
    ]
    let claimed = context.claims.claims.contains {
      $0.address == one.lease.address && $0.mac == one.lease.client
    }
    if claimed {
      evidence.append(Evidence(.trajectory, "\(client) uses it: it answers for \(one.lease.address)"))
    }
    return Self.finding(
      .proven, title: "\(server) hands out \(one.lease.address), which \(one.owner.label) has",
      subjects: [one.owner.id.description, one.lease.address.description, one.lease.client.description],
      evidence: evidence,
      fixes: [
        Fix(
          "On the DHCP server \(server): take \(one.lease.address), and the range that Docker gives from, out of its pool, and "
            + "delete the lease of \(one.lease.client)."),
        Fix(
          "Or make the network anew with a range of its own: `docker network create -d macvlan --ip-range ...`."
        ),
      ])
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? { nil }
}
