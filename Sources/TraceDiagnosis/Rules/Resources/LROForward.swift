import NetworkAddresses
import TraceModel

/// `gro-lro-forward`: packets that the card put together are too big to be sent on.
enum LROForward: Rule {
  static let card = RuleCard(
    id: "gro-lro-forward", title: "the card merges packets that this host has to forward", severity: .error,
    explanation: """
      With large receive offload (LRO) the card puts TCP segments together to one packet that is longer than any link takes, \
      and forgets where they ended. For this host's own sockets that is fine; what it has to forward or bridge is too big \
      for the next link, and dropped. GRO, which the kernel does, can be undone and does no harm.
      """,
    proof: """
      A packet longer than the parent's MTU came in at it while LRO is on, and the kernel freed it with PKT_TOO_BIG.
      """,
    fix: "`ethtool -K PARENT lro off`; the kernel does that by itself where ip_forward is set first.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.observation.hardware?.features?.contains("rx-lro") == true else { return .findings([]) }
    var lengths: [UInt64: UInt32] = [:]
    for sighting in context.observation.sightings where sighting.hook == context.parentIn {
      lengths[sighting.packetID] = max(sighting.length, lengths[sighting.packetID] ?? 0)
    }
    // Headers of the link layer, with two tags.
    let limit = UInt32(clamping: context.parent.mtu) + 22
    let drops = context.observation.drops.filter { drop in
      drop.reason == "PKT_TOO_BIG" && drop.namespace == context.parent.id.namespace
        && drop.packetID.flatMap { lengths[$0] }.map { $0 > limit } == true
    }
    guard let drop = drops.first, let length = drop.packetID.flatMap({ lengths[$0] }) else {
      return .findings([])
    }
    return .findings([
      finding(
        .proven, title: "\(context.parent.name) merges packets that this host forwards",
        subjects: [context.parent.id.description],
        evidence: [
          Evidence(
            .drop,
            "\(drops.count) packets were freed as PKT_TOO_BIG; the first had come in at \(context.parent.name) with "
              + "\(length) octets, and its MTU is \(context.parent.mtu)"),
          Evidence(.state, "\(context.parent.name)'s large receive offload (rx-lro) is on"),
        ],
        fixes: [
          Fix(
            "Turn LRO off.",
            commands: ["ethtool -K \(Commands.quoted(context.parent.name)) lro off"])
        ])
    ])
  }
}
