import NetworkAddresses
import TraceModel

/// `vf-untrusted`: an SR-IOV virtual function may not have further MAC addresses.
enum VirtualFunctionUntrusted: RefusalRule {
  static let card = RuleCard(
    id: "vf-untrusted", title: "the SR-IOV virtual function may have its own MAC address alone",
    severity: .error,
    explanation: """
      The parent is a virtual function of an SR-IOV card. Unless the physical function's owner trusts it, the card neither \
      takes frames from other MAC addresses than the one that it was given, nor hands it frames for them.
      """,
    proof: """
      The parent is a virtual function; a station answered its own MAC address, and not the children's.
      """,
    fix: """
      On the machine that owns the physical function: `ip link set dev PF vf N trust on spoofchk off`.
      """)

  static let missing = "the function's settings, on the machine that owns the card: `ip link show dev PF`"

  static func isCause(_ cause: RefusalCause) -> Bool {
    if case .virtualFunction = cause { true } else { false }
  }

  static func title(_ children: String, _ context: DiagnosisContext, _ cause: RefusalCause) -> String {
    "\(context.parent.name) is a virtual function that does not carry \(children)'s MAC address"
  }

  static func fixes(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Fix] {
    [
      Fix(
        "On the machine that owns the physical function PF, for the virtual function N with MAC address "
          + "\(context.parent.mac.map { "\($0)" } ?? "?"): `ip link set dev PF vf N trust on spoofchk off`.")
    ]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let driver = context.observation.hardware?.driver else { return nil }
    return runnerUp(
      context, where: { _ in true }, "\(context.parent.name) is no virtual function: its driver is \(driver)")
  }
}
