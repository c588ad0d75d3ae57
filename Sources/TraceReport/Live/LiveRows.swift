import NetworkAddresses
import TraceModel

/// The rows of the live table: for each interface one line for what came in and one for what went out.
struct LiveRows {
  /// The lines of one interface.
  struct Block {
    var lines: [TextLine]
    /// What decides who is shown where there is no room for all: the parent, then the busiest.
    var weight: Weight
  }

  struct Weight: Comparable {
    var isParent: Bool
    var recent: UInt64
    var total: UInt64

    static func < (left: Weight, right: Weight) -> Bool {
      (left.isParent ? 1 : 0, left.recent, left.total) < (right.isParent ? 1 : 0, right.recent, right.total)
    }
  }

  private let now: LiveSnapshot
  private let sums: [InterfaceID: Traffic]
  private let earlier: [InterfaceID: Traffic]
  private let seconds: Double
  private let origins: [InterfaceID: TrafficOrigin]

  init(_ now: LiveSnapshot, since before: LiveSnapshot?) {
    self.now = now
    sums = Traffic.sums(of: now.counters)
    earlier = before.map { Traffic.sums(of: $0.counters) } ?? [:]
    seconds = before.map { now.elapsed - $0.elapsed } ?? 0
    origins = now.topology.origins(of: now.counters)
  }

  /// The heading and the blocks in the order of the topology's tree, laid out for that width.
  func blocks(width: Int) -> (heading: TextLine, rows: [Block]) {
    let entries = InterfaceTree.entries(of: now.topology.interfaces)
    let layout = Layout(entries, width: width)
    return (layout.heading, entries.map { block($0, layout) })
  }

  private func block(_ entry: InterfaceTree.Entry, _ layout: Layout) -> Block {
    let interface = entry.interface
    let sum = sums[interface.id] ?? Traffic()
    let recent = sum.since(earlier[interface.id] ?? Traffic())
    let weight = Weight(
      isParent: interface.id == now.topology.parent, recent: recent.framesIn &+ recent.framesOut,
      total: sum.framesIn &+ sum.framesOut)
    var first = TextLine(entry.branch, .dim)
    first.append(interface.label, entry.branch.isEmpty ? .strong : .plain)
    first = first.clipped(to: layout.name)
    if layout.showsMAC {
      first.pad(to: layout.macStart)
      first.append(interface.mac?.description ?? "–")
    }
    if layout.showsVLAN {
      let vlan = interface.vlan?.description ?? "–"
      first.pad(to: layout.numbersStart - 2 - vlan.count)
      first.append(vlan)
    }
    first.pad(to: layout.numbersStart)
    if sum.isQuiet {
      first.append(
        interface.up ? "nothing yet" : "down", interface.up ? .dim : .bad)
      return Block(lines: [first], weight: weight)
    }
    first.append(layout.numbers("in", sum.framesIn, sum.bytesIn, recent.framesIn, recent.bytesIn, seconds))
    var second = TextLine(entry.continuation, .dim)
    if interface.kind.isChild, let origin = origins[interface.id] {
      second.pad(to: min(Printable.width(entry.branch) + 2, layout.name))
      second.append(layout.fitting(origin, from: second.width), .dim)
    }
    second = second.clipped(to: layout.numbersStart - 2)
    second.pad(to: layout.numbersStart)
    second.append(
      layout.numbers("out", sum.framesOut, sum.bytesOut, recent.framesOut, recent.bytesOut, seconds))
    return Block(lines: [first, second], weight: weight)
  }
}
