import NetworkAddresses
import TraceModel

/// `neigh-table-full`: no place is left for another neighbor's MAC address.
enum NeighborTableFull: Rule {
  static let card = RuleCard(
    id: "neigh-table-full", title: "the neighbor table is full", severity: .error,
    explanation: """
      The kernel keeps the MAC addresses of neighbors in a table that all network namespaces of the machine share. It \
      is full, so whoever is not in it yet cannot be reached, while those who are work.
      """,
    proof: """
      The kernel freed the packet with NEIGH_CREATEFAIL as its reason.
      """,
    fix: "Raise net.ipv4.neigh.default.gc_thresh3 (for IPv6 net.ipv6.neigh.default.gc_thresh3).")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let flows = context.droppedFlows { $0.reason == "NEIGH_CREATEFAIL" }
    guard let first = flows.first else { return .findings([]) }
    let version = first.flow.target.isIPv4 ? "ipv4" : "ipv6"
    let entries = context.topology.namespaces.map { $0.neighbors.count }.reduce(0, +)
    var evidence = flows.map {
      Evidence(
        .drop,
        "the kernel freed \($0.summary) in \(FilterFindings.name($0.namespace, context)): NEIGH_CREATEFAIL")
    }
    evidence.append(
      Evidence(.state, "\(entries) neighbors are known in the namespaces that were looked into"))
    return .findings(
      [
        finding(
          .proven, title: "the neighbor table has no place for \(first.flow.target)",
          subjects: [
            FilterFindings.name(first.namespace, context), first.flow.target.description,
          ], evidence: evidence,
          fixes: [
            Fix(
              "Raise the limits; they are those of the whole machine.",
              commands: ["2", "3"].map {
                "nsenter --net=/proc/1/ns/net sysctl -w net.\(version).neigh.default.gc_thresh\($0)="
                  + ($0 == "2" ? "8192" : "16384")
              })
          ])
      ], flows: Set(flows.map(\.flow)))
  }
}
