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
    let hasSettings = interfaces.contains { !settings(of: $0).isEmpty }
    if hasSettings { table.columns.append(.text("SETTINGS", minimum: 24)) }
    for entry in InterfaceTree.entries(of: interfaces) {
      let interface = entry.interface
      var name = TextLine(entry.branch, .dim)
      name.append(label(of: interface), entry.branch.isEmpty ? .strong : .plain)
      var cells = [name, TextLine(kind(of: interface))]
      if hasVLANs { cells.append(TextLine(interface.vlan?.description ?? "–")) }
      cells += [TextLine(interface.mac?.description ?? "–"), state(of: interface)]
      let addresses = interface.addresses.map(\.description)
      let settings = settings(of: interface)
      // What there are several of goes on below.
      for line in 0..<max(addresses.count, settings.count, 1) {
        if line > 0 {
          cells = cells.map { _ in TextLine() }
          cells[0] = TextLine(entry.continuation, .dim)
        }
        let lists = hasSettings ? [addresses, settings] : [addresses]
        let ends = lists.map { TextLine(line < $0.count ? $0[line] : "") }
        table.append(cells + ends, continues: line > 0)
      }
    }
    return table.lines(width: width)
  }

  /// `eth0 in bbox1 (mac_net1)`.
  private static func label(of interface: Interface) -> String {
    guard let container = interface.container else { return interface.label }
    return "\(interface.name) in \(container.name)" + (container.network.map { " (\($0))" } ?? "")
  }

  /// `macvlan source nodst`, `vlan 802.1ad`.
  private static func kind(of interface: Interface) -> String {
    let details = [interface.mode?.rawValue, interface.vlanProtocol?.rawValue].compactMap(\.self)
    return ([interface.kind.rawValue] + details + interface.flagNames).joined(separator: " ")
  }

  /// What a child has beside its mode, where that is not what the kernel gives every child.
  private static func settings(of interface: Interface) -> [String] {
    var settings: [String] = []
    if interface.mode == .source {
      let list = interface.allowedSources.map(\.description)
      settings = (list.isEmpty ? ["nobody"] : list).map { "hears \($0)" }
    }
    // MACVLAN_DEFAULT_BC_QUEUE_LEN and macvlan_port_create in drivers/net/macvlan.c.
    if let own = interface.broadcastQueueLength, let used = interface.broadcastQueueLengthUsed,
      own != 1000 || used != 1000
    {
      settings.append("queues \(own) broadcasts" + (used == own ? "" : ", \(used) with its siblings"))
    }
    if let cutoff = interface.broadcastCutoff, cutoff != 1 {
      settings.append(cutoff < 0 ? "queues no broadcast" : "queues broadcasts for more than \(cutoff)")
    }
    return settings
  }

  /// `up`, or what keeps the interface from carrying frames.
  private static func state(of interface: Interface) -> TextLine {
    if !interface.up { return TextLine("down", .bad) }
    return interface.carrier ? TextLine("up", .good) : TextLine("no carrier", .bad)
  }
}
