import NetworkAddresses
import TraceModel

/// `dot1x-single-host`: the switch port is authorised for one MAC address.
enum Dot1XSingleHost: RefusalRule {
  static let card = RuleCard(
    id: "dot1x-single-host", title: "the switch port is authorised for one MAC address", severity: .error,
    explanation: """
      The switch port asks for IEEE 802.1X authentication and, in single-host mode, carries frames of the one MAC address \
      that has passed it. Macvlan children send under addresses of their own.
      """,
    proof: """
      Frames of IEEE 802.1X passed the parent; a station answered the parent's MAC address, and no child's.
      """,
    fix: """
      Set the switch port to multi-host mode, or have it authenticate each address (multi-auth with MAC authentication \
      bypass), with the children's addresses registered.
      """)

  static let missing = "the switch's word: `show authentication sessions interface PORT`, or the like"

  static func isCause(_ cause: RefusalCause) -> Bool {
    if case .authentication = cause { true } else { false }
  }

  static func title(_ children: String, _ context: DiagnosisContext, _ cause: RefusalCause) -> String {
    "the switch port of \(context.parent.name) is authorised for its own MAC address, not for \(children)'s"
  }

  static func evidence(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Evidence] {
    [
      Evidence(
        .counter,
        "\(RefusalCause.authenticationFrames(context)) frames of IEEE 802.1X passed \(context.parent.name)")
    ]
  }

  static func fixes(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Fix] {
    [
      Fix(
        "On the switch, at the port of \(context.parent.name): `authentication host-mode multi-host`, or multi-auth with "
          + "MAC authentication bypass for \(refused.map(\.mac.description).joined(separator: ", ")).")
    ]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    let alone = WireAnswers(context).refused().contains { !$0.hasAnsweredSibling }
    guard alone, RefusalCause.authenticationFrames(context) == 0 else { return nil }
    return runnerUp(
      context,
      where: { if case .portSecurity = $0 { true } else { false } },
      "no frame of IEEE 802.1X was seen; the switch's `show authentication sessions` tells for sure")
  }
}
