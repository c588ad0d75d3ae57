import NetworkAddresses
import TraceModel

/// `checksum-partial`: packets arrive whose checksum nobody put in.
enum ChecksumPartial: Rule {
  static let card = RuleCard(
    id: "checksum-partial", title: "packets arrive with a wrong checksum", severity: .error,
    explanation: """
      A sender leaves the checksum to its network card and the card, or a program that copies frames raw between a virtual \
      machine and the wire, does not put it in. On the sending machine every capture shows such "wrong" checksums, which \
      means nothing; here the receiver saw them, and dropped the packets.
      """,
    proof: """
      The kernel of the receiver freed the packets with a reason that names the checksum (ICMP_CSUM, UDP_CSUM, TCP_CSUM), or \
      its count of wrong checksums rose by as many.
      """,
    fix:
      "At the sender: `ethtool -K IFACE tx off`, on the interface behind which nobody fills the checksum in.")

  private static let counters = [
    "Icmp.InCsumErrors", "Tcp.InCsumErrors", "Udp.InCsumErrors", "Icmp6InCsumErrors",
  ]
  private static let reasons: Set = ["ICMP_CSUM", "UDP_CSUM", "TCP_CSUM", "SKB_CSUM", "IP_CSUM"]

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let flows = context.droppedFlows { $0.reason.map(reasons.contains) == true }
    var told: Set<String> = []
    let findings = flows.compactMap { one -> Finding? in
      let mac = one.frame.source
      guard told.insert("\(one.namespace) \(mac)").inserted else { return nil }
      let same = flows.filter { $0.namespace == one.namespace && $0.frame.source == mac }
      let who = FilterFindings.name(one.namespace, context)
      let sender = context.topology.interfaces.first { $0.mac == mac }
      let risen = counters.compactMap { name in
        context.increase(name, in: one.namespace).flatMap { $0 > 0 ? "\(name) by \($0)" : nil }
      }
      var evidence = same.map {
        Evidence(.drop, "the kernel freed \($0.summary) in \(who): \($0.drop.reason ?? "")")
      }
      if !risen.isEmpty {
        evidence.append(Evidence(.counter, "\(who)'s counters rose: \(risen.joined(separator: ", "))"))
      }
      evidence.append(Evidence(.trajectory, "they came from \(sender?.label ?? "\(mac)") that way"))
      let commands = Commands(context: context)
      let isHere = sender.map { $0.id.namespace != one.namespace } ?? false
      let from = one.isAnswer ? one.flow.target : one.flow.asker
      return finding(
        .proven, title: "packets of \(from) arrive at \(who) with a wrong checksum",
        subjects: [who, mac.description, from.description], evidence: evidence,
        fixes: [
          isHere && sender != nil
            ? Fix(
              "Have \(sender?.label ?? "") compute checksums itself. Where something behind it sends, it is that one's "
                + "interface.",
              commands: sender.map {
                [commands.inside($0, "ethtool -K \(Commands.quoted($0.name)) tx off")]
              } ?? [])
            : Fix(
              "On the machine with \(mac): `ethtool -K IFACE tx off` for the interface that sends; on a hypervisor, for the "
                + "virtual machine's."),
          Fix("If that does not help, something on the way damages the packets: a cable, a port, a driver."),
        ])
    }
    return .findings(findings, flows: Set(flows.map(\.flow)))
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard run.protocol != .icmp, let namespace = run.to.namespace ?? run.from.namespace,
      context.stateBefore(namespace) != nil,
      counters.allSatisfy({ context.increase($0, in: namespace) ?? 0 == 0 })
    else { return nil }
    return "no packet with a wrong checksum was counted in \(FilterFindings.name(namespace, context))"
  }
}
