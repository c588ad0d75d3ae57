import TraceModel

/// `parent-no-carrier`: the parent interface has no carrier.
enum ParentNoCarrier: Rule {
  static let card = RuleCard(
    id: "parent-no-carrier", title: "the parent interface has no carrier", severity: .error,
    explanation: """
      The parent is up and has no link: no cable, a peer that is down, or a switch port that is disabled. None of its \
      children can send or receive.
      """,
    proof: """
      The parent is up without a carrier and a child's frames died before they left it.
      """,
    fix: """
      Check the cable, the peer and the switch port; in a virtual machine, that its network adapter is connected.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parent.up, !context.parent.carrier, !BPDUGuard.isCause(context) else {
      return .findings([])
    }
    return .findings(
      ParentState.findings(
        Self.self, context, title: "\(context.parent.label) has no carrier",
        state: "\(context.parent.label) is up and has no carrier",
        fixes: [fix(context.parent)]))
  }

  private static func fix(_ parent: Interface) -> Fix {
    let name = Commands.quoted(parent.name)
    switch parent.linkKind {
    case "bridge":
      return Fix(
        "\(parent.name) is a bridge of which no port forwards (`bridge link show` lists them with their state): put its uplink "
          + "in (`ip link set UPLINK master \(name)`), bring it up (`ip link set UPLINK up`), or wait until it has left the "
          + "state listening.")
    case "bond", "team":
      return Fix("No port of \(parent.name) has a carrier: check their cables and switch ports.")
    case "veth":
      return Fix("The other end of the pair that \(parent.name) is an end of is down: bring it up.")
    default:
      return Fix(
        "Check the cable and the switch port of \(parent.name); in a virtual machine, that its network adapter is connected."
      )
    }
  }
}
