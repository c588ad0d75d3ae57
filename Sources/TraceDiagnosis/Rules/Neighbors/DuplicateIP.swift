import NetworkAddresses
import TraceModel

/// `dup-ip`: two machines have one address.
enum DuplicateIP: Rule {
  static let card = RuleCard(
    id: "dup-ip", title: "two machines have one address", severity: .error,
    explanation: """
      Two interfaces with different MAC addresses answer for one IP address. Who asks takes one of the two, by chance and \
      not for long, and what is sent to the other does not arrive. Docker knows nothing of addresses that others gave.
      """,
    proof: """
      Two answers with different MAC addresses came for one address within a second, not from one namespace; or somebody \
      on the wire claims the address of a child of this host.
      """,
    fix: "Give one of the two another address; keep Docker's pool apart (`--ip-range`) from what others give."
  )

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let hijacked = ProxyARPHijack.addresses(context).union(IPOverlapsDHCP.addresses(context))
    var found: [(address: IPAddress, macs: [MACAddress], how: String)] = []
    let claims = context.claims
    for (first, second) in claims.rivals
    where !hijacked.contains(first.address) && !context.isOneNamespace(first.mac, second.mac) {
      found.append(
        (
          first.address, [first.mac, second.mac],
          "\(first.mac) and \(second.mac) both answered \(first.asker?.description ?? "") for \(first.address)"
        ))
    }
    for claim in claims.claims
    where claim.isFromWire && !hijacked.contains(claim.address)
      && !found.contains(where: { $0.address == claim.address })
    {
      guard let owner = owner(of: claim, context), let mac = owner.mac, mac != claim.mac,
        !context.isLocal(claim.mac)
      else { continue }
      found.append(
        (
          claim.address, [mac, claim.mac],
          "\(claim.mac) on the wire says that it has \(claim.address), which is \(owner.label)'s"
        ))
    }
    var explained: [Attempt] = []
    let findings = found.map { one in
      explained += context.failures.filter { $0.target == one.address || $0.source == one.address }
      let owners = one.macs.map { mac in
        context.topology.interfaces.first { $0.mac == mac && $0.owns(one.address) }?.label ?? mac.description
      }
      return finding(
        .proven, title: "\(one.address) is taken twice: by \(owners.joined(separator: " and by "))",
        subjects: [one.address.description] + one.macs.map(\.description),
        evidence: [Evidence(.trajectory, one.how)],
        fixes: [
          Fix(
            "Give one of the two another address: \(owners.joined(separator: " or ")). A MAC address that is no interface's "
              + "here belongs to another machine; the switch's table tells its port."),
          Fix("Keep the addresses that Docker gives apart from others': `docker network create --ip-range`."),
        ])
    }
    return .findings(findings, explaining: explained)
  }

  /// The interface of this host that had the address all the time, in the VLAN of the claim.
  private static func owner(of claim: AddressClaims.Claim, _ context: DiagnosisContext) -> Interface? {
    let before = context.observation.before
    return context.topology.interfaces.first { interface in
      interface.owns(claim.address) && interface.vlan == claim.vlan && interface.up
        && before.interface(interface.id)?.owns(claim.address) == true
        && context.state(interface.id.namespace)?.unusableAddresses.contains { $0.address == claim.address }
          != true
    }
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let target = run.to.address else { return nil }
    let macs = Set(
      context.claims.claims.filter { $0.address == target && $0.asker != nil }.map(\.mac))
    return macs.count == 1
      ? "one MAC address alone answers for \(target): \(macs.first?.description ?? "")" : nil
  }
}

extension DiagnosisContext {
  /// Whether both MAC addresses are of interfaces of one namespace.
  func isOneNamespace(_ first: MACAddress, _ second: MACAddress) -> Bool {
    let spaces = { (mac: MACAddress) in
      Set(self.topology.interfaces.filter { $0.mac == mac && $0.id.namespace != 0 }.map(\.id.namespace))
    }
    return !spaces(first).isDisjoint(with: spaces(second))
  }
}
