import NetworkAddresses
import TraceModel

/// Who sent how much to whom.
enum CounterTable {
  static func lines(of report: Report, limit: Int, width: Int) -> [TextLine] {
    let busiest = report.counters.sorted {
      ($0.frames, $0.bytes, $1.interface, $1.source) > ($1.frames, $1.bytes, $0.interface, $0.source)
    }
    guard !busiest.isEmpty else { return [] }
    let shown = busiest.prefix(limit)
    let hasVLANs = shown.contains { $0.vlan != nil }
    let labels = Dictionary(report.interfaces.map { ($0.id, $0.label) }) { first, _ in first }
    var table = TextTable(columns: [.text("INTERFACE", minimum: 12), .text("WAY")])
    if hasVLANs { table.columns.append(.number("VLAN")) }
    table.columns += [.text("FROM"), .text("TO"), .number("FRAMES"), .number("BYTES")]
    for counter in shown {
      var cells = [
        TextLine(labels[counter.interface] ?? counter.interface.description),
        TextLine(counter.direction == .ingress ? "in" : "out"),
      ]
      if hasVLANs { cells.append(TextLine(tags(counter))) }
      cells += [
        TextLine(counter.source.description), TextLine(counter.destination.description),
        TextLine(Quantity.exact(counter.frames)), TextLine(Quantity.exact(counter.bytes)),
      ]
      table.append(cells)
    }
    var lines = table.lines(width: width)
    if busiest.count > shown.count {
      let rest = Quantity.count(UInt64(busiest.count - shown.count), "more row")
      lines.append(TextLine("… \(rest): all of them with --json", .dim).clipped(to: width))
    }
    return lines
  }

  /// `10`, or `100.10` for two tags, the outer first.
  private static func tags(_ counter: Counter) -> String {
    guard let outer = counter.vlan else { return "–" }
    return counter.innerVLAN.map { "\(outer).\($0)" } ?? "\(outer)"
  }
}
