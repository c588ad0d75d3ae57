import NetworkAddresses
import TraceModel

/// What each VLAN carried at the parent, and who takes its frames.
enum VLANTable {
  static func lines(of report: Report, width: Int) -> [TextLine] {
    guard !report.vlans.isEmpty else { return [] }
    let labels = Dictionary(report.interfaces.map { ($0.id, $0.label) }) { first, _ in first }
    var table = TextTable(columns: [
      .text("VLAN"), .text("TAKEN BY", minimum: 12), .number("FRAMES IN"), .number("BYTES IN"),
      .number("FRAMES OUT"), .number("BYTES OUT"),
    ])
    for vlan in report.vlans {
      let numbers = [vlan.framesIn, vlan.bytesIn, vlan.framesOut, vlan.bytesOut]
      table.append(
        [TextLine(tags(of: vlan)), taker(of: vlan, labels)] + numbers.map { TextLine(Quantity.exact($0)) })
    }
    return table.lines(width: width)
  }

  /// `untagged`, `10`, `100 (802.1ad) / 10`.
  private static func tags(of vlan: VLANTraffic) -> String {
    guard let outer = vlan.vlan else { return "untagged" }
    let service = vlan.vlanProtocol == .ieee8021ad ? " (802.1ad)" : ""
    let inner = vlan.innerVLAN.map { " / \($0)" } ?? ""
    return outer.isPriorityTag ? "0 (priority tag)" + inner : "\(outer)\(service)\(inner)"
  }

  private static func taker(of vlan: VLANTraffic, _ labels: [InterfaceID: String]) -> TextLine {
    switch vlan.handling {
    case .subinterface: TextLine(vlan.device.flatMap { labels[$0] } ?? "?")
    case .untagged: TextLine(labels[vlan.interface] ?? "?")
    case .unknown: TextLine("nobody: no such device", .notice)
    }
  }
}
