import NetworkAddresses
import TraceModel

/// `hyperv-mac-spoofing-off`: Hyper-V's switch takes the adapter's own MAC address alone.
enum HyperVMACSpoofing: RefusalRule {
  static let card = RuleCard(
    id: "hyperv-mac-spoofing-off", title: "Hyper-V's switch drops MAC addresses that are not the adapter's",
    severity: .error,
    explanation: """
      Unless MAC address spoofing is enabled for a virtual machine's network adapter, Hyper-V's switch drops frames from \
      any address but the adapter's own, and sends it frames for that one alone. Macvlan children have other addresses.
      """,
    proof: """
      The machine is Hyper-V's by its driver or firmware; a station answered the parent's MAC address, and not the \
      children's.
      """,
    fix: "On the Hyper-V host, in PowerShell: `Set-VMNetworkAdapter -VMName NAME -MacAddressSpoofing On`.")

  static let missing =
    "the setting itself, on the Hyper-V host: `Get-VMNetworkAdapter -VMName NAME | Format-List MacAddressSpoofing`"

  static func isCause(_ cause: RefusalCause) -> Bool { if case .hyperV = cause { true } else { false } }

  static func title(_ children: String, _ context: DiagnosisContext, _ cause: RefusalCause) -> String {
    "Hyper-V's switch does not carry \(children)'s MAC address"
  }

  static func fixes(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Fix] {
    [
      Fix(
        "On the Hyper-V host, in PowerShell: `Get-VMNetworkAdapter -VMName NAME | Where-Object MacAddress -eq "
          + "\(context.parent.mac.map { "\($0)".filter { $0 != ":" }.uppercased() } ?? "ADDRESS") | "
          + "Set-VMNetworkAdapter -MacAddressSpoofing On`, NAME being this virtual machine's; WSL has no such setting: use "
          + "a bridge network there.")
    ]
  }
}
