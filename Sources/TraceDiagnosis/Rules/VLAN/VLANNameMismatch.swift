import NetworkAddresses
import TraceModel

/// `vlan-id-name-mismatch`: a sub-interface is called after one VLAN and carries another.
enum VLANNameMismatch: Rule {
  static let card = RuleCard(
    id: "vlan-id-name-mismatch", title: "a sub-interface is called after another VLAN than it carries",
    severity: .error,
    explanation: """
      The number in a sub-interface's name says nothing to the kernel: the VLAN ID is a setting of its own. This one is \
      called after one VLAN and sends and takes the frames of another.
      """,
    proof: """
      Requests left with the other VLAN's tag and were not answered, and nothing of that VLAN came in.
      """,
    fix: """
      Make the sub-interface anew with the VLAN ID that its name says.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var told: Set<InterfaceID> = []
    let findings = TaggedAttempt.all(context).compactMap { one -> Finding? in
      guard let meant = named(one.vlan), TaggedAttempt.heard(one.id, context) == 0,
        told.insert(one.vlan.id).inserted
      else { return nil }
      let alive = TaggedAttempt.heard(meant, context)
      let gap = context.gap(at: [context.parentIn], [one.attempt])
      let isProven = gap == nil && alive > 0
      var evidence = [
        Evidence(
          .trajectory,
          "\(one.attempt.summary) left \(context.parent.name) with the tag of VLAN \(one.id); no answer came in"
        ),
        Evidence(.state, "\(one.vlan.name) carries VLAN \(one.id), and not \(meant)"),
        Evidence(
          .counter,
          "\(alive) frames of VLAN \(meant) came in at \(context.parent.name), and none of VLAN \(one.id)"),
      ]
      if !isProven {
        evidence.append(
          Evidence(.counter, "missing for proof: \(gap ?? "a frame of VLAN \(meant) that came in")"))
      }
      return finding(
        isProven ? .proven : .likely, title: "\(one.vlan.name) carries VLAN \(one.id), and not \(meant)",
        subjects: [one.vlan.id.description, one.attempt.target.description], evidence: evidence,
        fixes: [
          Fix(
            "Make \(one.vlan.name) anew with the VLAN ID that its name says, and what sits on it: `ip link add link "
              + "\(context.parent.name) name \(one.vlan.name) type vlan id \(meant)`.")
        ])
    }
    return .findings(findings, explaining: TaggedAttempt.explained(by: findings, context))
  }

  /// The VLAN that the name says, when that is another one: `ens33.20`, `vlan20`.
  static func named(_ vlan: Interface) -> VLANID? {
    let digits = vlan.name.reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
    let rest = vlan.name.dropLast(digits.count)
    guard !digits.isEmpty, rest.hasSuffix(".") || rest.lowercased().hasSuffix("vlan"),
      let number = UInt16(String(digits)),
      let id = VLANID(number), id != vlan.vlan
    else { return nil }
    return id
  }
}
