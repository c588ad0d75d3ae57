import NetworkAddresses
import TraceModel

/// `mac-dup-on-segment`: two hosts send under one MAC address.
enum MACOnTwoHosts: HostRule {
  static let card = MACDuplicateOnSegment.card

  static func evaluate(_ pair: HostPair) -> HostRuleOutcome {
    var outcome = HostRuleOutcome()
    var told: Set<MACAddress> = []
    for (one, other) in pair.neighbors {
      guard let mac = one.mac, mac == other.mac, !HostPair.isShared(mac), told.insert(mac).inserted else {
        continue
      }
      let sent = [
        pair.first.sent(from: mac, into: pair.first.segment(of: one)),
        pair.second.sent(from: mac, into: pair.second.segment(of: other)),
      ]
      guard sent[0] > 0, sent[1] > 0 else {
        outcome.notEvaluated.append(
          "\(pair.first.name(one)) and \(pair.second.name(other)) have one MAC address, and not both of them sent "
            + "anything meanwhile")
        continue
      }
      outcome.findings.append(
        LinkedFinding(finding: finding(mac, one, other, sent, pair), explains: explained(one, other)))
    }
    return outcome
  }

  private static func finding(
    _ mac: MACAddress, _ one: Interface, _ other: Interface, _ sent: [UInt64], _ pair: HostPair
  ) -> Finding {
    let names = [pair.first.name(one), pair.second.name(other)]
    let segment = pair.first.segment(of: one)
    return finding(
      .proven, title: "\(names[0]) and \(names[1]) have one MAC address, \(mac)",
      subjects: [pair.first.id(one), pair.second.id(other), mac.description],
      evidence: [
        Evidence(.state, "\(names[0]) and \(names[1]) are up and have \(mac)"),
        Evidence(
          .counter,
          "\(sent[0]) frames from \(mac) left \(pair.first.parentName)\(segment.text), \(sent[1]) left "
            + pair.second.parentName),
        pair.segmentEvidence(segment),
      ], fixes: [newAddress(mac, one, pair.first), newAddress(mac, other, pair.second)])
  }

  private static func newAddress(_ mac: MACAddress, _ interface: Interface, _ host: HostView) -> Fix {
    // Locally administered, and as far from the old one as can be told.
    let fresh = MACAddress(rawValue: (mac.rawValue ^ UInt64(host.number) << 16 ^ 0x5a) | 0x0200_0000_0000)
    let name = Commands.quoted(interface.name)
    let commands = Commands(context: host.context)
    return Fix(
      "Give \(host.name(interface)) another MAC address, on \(host.label).",
      commands: [commands.inside(interface, "ip link set dev \(name) address \(fresh)")])
  }

  /// Whoever does not hear from either has this reason.
  private static func explained(_ one: Interface, _ other: Interface) -> Set<String> {
    Set(
      (one.addresses + other.addresses).map(\.address.description)
        + [one.mac, other.mac].compactMap { $0?.description })
  }
}
