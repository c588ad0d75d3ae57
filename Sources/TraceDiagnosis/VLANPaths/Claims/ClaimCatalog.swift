import TraceModel

/// The claims that a way between VLANs is verified by.
enum ClaimCatalog {
  /// By their numbers, from 1 on.
  static let statements = [
    "the sender's route leads to a next hop in its own network, by its own interface",
    "one MAC address, and one alone, answers for the next hop",
    "the next hop is known: a machine on the wire, or a named one here",
    "requests leave with the sender's tag and MAC address, for the next hop",
    "the same packets come out of the router with the other tag and a lower TTL",
    "nothing but what a router may change was changed: neither source nor payload",
    "requests arrive at the receiver's own interface",
    "answers leave with the receiver's tag and MAC address",
    "answers come back by the same router",
    "nothing of the answers was rewritten",
    "answers arrive at the sender's own interface",
    "as many routers as expected are on the way",
    "the time in the router was measured",
    "nothing is lost and nothing comes twice",
    "no frame of one VLAN comes out in the other, or without a tag",
    "what goes between stations of one parent goes by the router",
    "the largest packets pass, or their sender is told",
    "ICMP, TCP and UDP pass",
    "IPv6 passes, too",
    "the policy is kept",
    "the router forwards",
    "a packet that no router may pass on does not arrive",
  ]

  static func claim(_ number: Int, _ outcome: VLANClaim.Outcome, _ text: String, cause: String? = nil)
    -> VLANClaim
  {
    let statement = statements.indices.contains(number - 1) ? statements[number - 1] : ""
    return VLANClaim(number: number, statement: statement, outcome: outcome, cause: cause, text: text)
  }
}

/// Judges some of the claims of a pair.
protocol ClaimJudge {
  static func claims(_ evidence: PairEvidence, _ causes: CauseFinder) -> [VLANClaim]
}

extension ClaimJudge {
  static func pass(_ number: Int, _ text: String) -> VLANClaim { ClaimCatalog.claim(number, .pass, text) }
  static func fail(_ number: Int, _ text: String, _ cause: String?) -> VLANClaim {
    ClaimCatalog.claim(number, .fail, text, cause: cause)
  }
  static func unproven(_ number: Int, _ text: String) -> VLANClaim {
    ClaimCatalog.claim(number, .unproven, text)
  }
  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
