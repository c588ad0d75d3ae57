import NetworkAddresses
import TraceModel

/// `vswitch-forged-tx-reject`: the virtual switch drops frames from MAC addresses that are not the adapter's.
enum VSwitchForgedTransmitsReject: RefusalRule {
  static let card = RuleCard(
    id: "vswitch-forged-tx-reject", title: "the virtual switch drops what the children send",
    severity: .error,
    explanation: """
      A virtual switch can be set to drop frames whose sender is not the MAC address that the virtual machine's adapter \
      was given (VMware: forged transmits; libvirt: no-mac-spoofing; Proxmox: MAC filter). Macvlan children send under \
      addresses of their own.
      """,
    proof: """
      The machine is a virtual one; a station answered the parent's MAC address; it asked for a child again and again \
      though the child answered each time.
      """,
    fix: """
      VMware: set forged transmits (and promiscuous mode) of the port group to Accept. libvirt: take the filter \
      no-mac-spoofing or clean-traffic off the interface. Proxmox: `MAC filter: No` in the machine's firewall options.
      """)

  static let missing =
    "what the switch is set to; a recording at a station that is asked shows whether the requests arrive there"

  static func isCause(_ cause: RefusalCause) -> Bool { if case .forged = cause { true } else { false } }

  static func title(_ children: String, _ context: DiagnosisContext, _ cause: RefusalCause) -> String {
    "the virtual switch drops frames from \(children)'s MAC address"
  }

  static func fixes(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Fix] {
    let adapter = context.parent.mac.map { "\($0)" } ?? "?"
    switch Platform(context.observation.hardware) {
    case .otherHypervisor:
      return [
        Fix(
          "On the hypervisor, for the interface with MAC address \(adapter): libvirt: take `<filterref filter='no-mac-spoofing'/>` "
            + "or `clean-traffic` out of the machine's definition; Proxmox: Firewall, Options, MAC filter: No; Xen: unlock "
            + "the interface.")
      ]
    default:
      return [
        Fix(
          "In vSphere, port group of the adapter with MAC address \(adapter), Security: Forged transmits Accept and "
            + "Promiscuous mode Accept (or MAC learning).")
      ]
    }
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    runnerUp(
      context,
      where: { if case .promiscuous = $0 { true } else { false } },
      "the evidence favours frames for the child being kept back; a recording at a station that is asked separates them: "
        + "with this cause no request of the child arrives there")
  }
}
