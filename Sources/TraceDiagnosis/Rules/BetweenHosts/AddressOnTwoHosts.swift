import NetworkAddresses
import TraceModel

/// `dup-ip-two-docker-hosts`: two hosts' interfaces use one IP address.
enum AddressOnTwoHosts: HostRule {
  static let card = RuleCard(
    id: "dup-ip-two-docker-hosts", title: "two hosts' interfaces use one IP address", severity: .error,
    explanation: """
      Docker hands out addresses on each host by itself: two hosts with the same subnet give the same low addresses to \
      their containers. Who asks for such an address gets the answer that comes last; connections go to one owner, then \
      to the other.
      """,
    proof: """
      An interface on each of the two hosts has the address, both were up all the time, packets with it as their source \
      left both hosts into the same segment, and other frames of that segment were seen at both.
      """,
    fix: """
      Give each host a range of the subnet of its own (`docker network create --ip-range`), or name the containers' \
      addresses (`--ip`), and make those containers anew that have an address twice.
      """)

  static func evaluate(_ pair: HostPair) -> HostRuleOutcome {
    var outcome = HostRuleOutcome()
    var told: Set<IPAddress> = []
    for (one, other) in pair.neighbors {
      if let mac = one.mac, mac == other.mac, HostPair.isShared(mac) { continue }
      for address in one.addresses.map(\.address) where other.owns(address) && !address.isLinkLocal {
        guard pair.first.heldThroughout(address, by: one), pair.second.heldThroughout(address, by: other),
          told.insert(address).inserted
        else { continue }
        let used = [uses(address, one, pair.first), uses(address, other, pair.second)]
        guard used[0] > 0, used[1] > 0 else {
          outcome.notEvaluated.append(
            "\(pair.first.name(one)) and \(pair.second.name(other)) have one address, \(address), and not both of them "
              + "were seen using it meanwhile")
          continue
        }
        outcome.findings.append(
          LinkedFinding(
            finding: finding(address, one, other, used, pair), explains: [address.description]))
      }
    }
    return outcome
  }

  private static func finding(
    _ address: IPAddress, _ one: Interface, _ other: Interface, _ used: [Int], _ pair: HostPair
  ) -> Finding {
    let names = [pair.first.name(one), pair.second.name(other)]
    let macs = [one, other].map { $0.mac?.description ?? "no MAC address" }
    return finding(
      .proven, title: "\(names[0]) and \(names[1]) both use \(address)",
      subjects: [pair.first.id(one), pair.second.id(other), address.description],
      evidence: [
        Evidence(
          .state, "\(names[0]) (\(macs[0])) and \(names[1]) (\(macs[1])) are up and have \(address)"),
        Evidence(
          .trajectory,
          "\(used[0]) packets from \(address) left \(pair.first.parentName), \(used[1]) left "
            + pair.second.parentName),
        pair.segmentEvidence(pair.first.segment(of: one)),
      ],
      fixes: [
        Fix(
          "Give one of the two another address: for a container, make it anew with `--ip`, on a network whose "
            + "`--ip-range` is the host's own.")
      ])
  }

  /// Packets with that source that left the parent from that interface.
  private static func uses(_ address: IPAddress, _ interface: Interface, _ host: HostView) -> Int {
    host.context.observation.sightings.count {
      $0.hook == host.context.parentOut && $0.frame.source == interface.mac
        && $0.frame.sourceAddress == address
        && Segment($0.frame) == host.segment(of: interface)
    }
  }
}
