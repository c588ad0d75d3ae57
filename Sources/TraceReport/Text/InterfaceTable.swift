import NetworkAddresses
import TraceModel

/// The observed interfaces as a tree: what they are, not what they carried.
enum InterfaceTable {
  static func lines(of interfaces: [Interface], width: Int) -> [TextLine] {
    guard !interfaces.isEmpty else { return [] }
    let hasVLANs = interfaces.contains { $0.vlan != nil }
    var table = TextTable(columns: [.text("INTERFACE", minimum: 16), .text("KIND")])
    if hasVLANs { table.columns.append(.number("VLAN")) }
    table.columns += [.text("MAC"), .text("STATE"), .text("ADDRESSES", minimum: 18)]
    for entry in InterfaceTree.entries(of: interfaces) {
      let interface = entry.interface
      var name = TextLine(entry.branch, .dim)
      name.append(label(of: interface), entry.branch.isEmpty ? .strong : .plain)
      var cells = [name, TextLine(kind(of: interface))]
      if hasVLANs { cells.append(TextLine(interface.vlan?.description ?? "–")) }
      cells += [TextLine(interface.mac?.description ?? "–"), state(of: interface)]
      let addresses = interface.addresses.map(\.description)
      table.append(cells + [TextLine(addresses.first ?? "")])
      for address in addresses.dropFirst() {
        var blank = cells.map { _ in TextLine() }
        blank[0] = TextLine(entry.continuation, .dim)
        table.append(blank + [TextLine(address)], continues: true)
      }
    }
    return table.lines(width: width)
  }

  /// `eth0 in bbox1 (mac_net1)`.
  private static func label(of interface: Interface) -> String {
    guard let container = interface.container else { return interface.label }
    return "\(interface.name) in \(container.name)" + (container.network.map { " (\($0))" } ?? "")
  }

  /// `macvlan bridge`.
  private static func kind(of interface: Interface) -> String {
    interface.kind.rawValue + (interface.mode.map { " \($0.rawValue)" } ?? "")
  }

  /// `up`, or what keeps the interface from carrying frames.
  private static func state(of interface: Interface) -> TextLine {
    if !interface.up { return TextLine("down", .bad) }
    return interface.carrier ? TextLine("up", .good) : TextLine("no carrier", .bad)
  }
}
