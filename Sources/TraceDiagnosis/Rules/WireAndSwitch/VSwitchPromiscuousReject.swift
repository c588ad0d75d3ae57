import NetworkAddresses
import TraceModel

/// `vswitch-promisc-reject`: the virtual switch keeps frames for MAC addresses that it does not know from this machine.
enum VSwitchPromiscuousReject: RefusalRule {
  static let card = RuleCard(
    id: "vswitch-promisc-reject", title: "the virtual switch does not hand over frames for the children",
    severity: .error,
    explanation: """
      A virtual switch knows which MAC address each virtual machine's adapter has, learns no others, and hands it unicast \
      frames for that address alone unless promiscuous mode is accepted. What macvlan children send leaves; the answers, \
      which are for the children's own addresses, stay in the switch.
      """,
    proof: """
      The machine is a virtual one; a station answered the parent's MAC address; it hears the children, as it asks no more \
      once they have answered it, and nothing for them comes in.
      """,
    fix: """
      VMware: set promiscuous mode and forged transmits of the port group to Accept, or enable MAC learning on a \
      distributed switch. VirtualBox: promiscuous mode `Allow All` at the adapter.
      """)

  static let missing =
    "what the switch is set to; a recording at a station that is asked shows whether the requests arrive there"

  static func isCause(_ cause: RefusalCause) -> Bool { if case .promiscuous = cause { true } else { false } }

  static func title(_ children: String, _ context: DiagnosisContext, _ cause: RefusalCause) -> String {
    "the virtual switch keeps frames for \(children) from \(context.parent.name)"
  }

  static func fixes(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Fix] {
    switch Platform(context.observation.hardware) {
    case .virtualBox:
      [
        Fix(
          "On the VirtualBox host: `VBoxManage modifyvm NAME --nicpromiscN allow-all`, N being the number of the adapter "
            + "with MAC address \(context.parent.mac.map { "\($0)" } ?? "?").")
      ]
    case .otherHypervisor(let name):
      [
        Fix(
          "On the \(name) host: let the bridge learn behind this machine's port (`bridge link set dev PORT learning on "
            + "flood on`), and macvtap take other addresses (`trustGuestRxFilters='yes'`).")
      ]
    default:
      [
        Fix(
          "In vSphere, port group of the adapter with MAC address \(context.parent.mac.map { "\($0)" } ?? "?"), Security: "
            + "Promiscuous mode Accept, Forged transmits Accept, MAC address changes Accept; on a distributed switch from "
            + "6.7 on MAC learning instead of promiscuous mode.")
      ]
    }
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    runnerUp(
      context,
      where: { if case .forged = $0 { true } else { false } },
      "the evidence favours frames from the child being dropped; a recording at a station that is asked separates them: "
        + "with this cause the requests arrive there")
  }
}
