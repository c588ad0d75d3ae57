import TraceModel

/// Frames and octets of one interface.
struct Traffic: Hashable {
  var framesIn: UInt64 = 0
  var bytesIn: UInt64 = 0
  var framesOut: UInt64 = 0
  var bytesOut: UInt64 = 0

  /// The sums of all counters, by interface.
  static func sums(of counters: [Counter]) -> [InterfaceID: Traffic] {
    counters.reduce(into: [:]) { sums, counter in
      switch counter.direction {
      case .ingress:
        sums[counter.interface, default: Traffic()].framesIn &+= counter.frames
        sums[counter.interface, default: Traffic()].bytesIn &+= counter.bytes
      case .egress:
        sums[counter.interface, default: Traffic()].framesOut &+= counter.frames
        sums[counter.interface, default: Traffic()].bytesOut &+= counter.bytes
      }
    }
  }

  /// What was added since `earlier`; 0 where a counter went back.
  func since(_ earlier: Traffic) -> Traffic {
    Traffic(
      framesIn: framesIn - min(framesIn, earlier.framesIn), bytesIn: bytesIn - min(bytesIn, earlier.bytesIn),
      framesOut: framesOut - min(framesOut, earlier.framesOut),
      bytesOut: bytesOut - min(bytesOut, earlier.bytesOut))
  }

  /// Whether nothing was counted.
  var isQuiet: Bool { framesIn == 0 && framesOut == 0 }
}

/// What the observed interfaces carried, exactly, and where it came from.
enum TrafficTable {
  static func lines(of report: Report, width: Int) -> [TextLine] {
    guard !report.counters.isEmpty else { return [] }
    let sums = Traffic.sums(of: report.counters)
    let origins = report.topology?.origins(of: report.counters) ?? [:]
    var table = TextTable(columns: [
      .text("INTERFACE", minimum: 12), .number("FRAMES IN"), .number("BYTES IN"), .number("FRAMES OUT"),
      .number("BYTES OUT"),
    ])
    if !origins.isEmpty {
      table.columns += [.number("FROM WIRE"), .number("SIBLINGS"), .number("REFLECTED")]
    }
    for interface in report.interfaces {
      let sum = sums[interface.id] ?? Traffic()
      var cells = [TextLine(interface.label)]
      cells += [sum.framesIn, sum.bytesIn, sum.framesOut, sum.bytesOut].map { TextLine(Quantity.exact($0)) }
      if !origins.isEmpty {
        let origin = interface.kind.isChild ? origins[interface.id] ?? TrafficOrigin() : nil
        cells += [origin?.wire, origin?.sibling, origin?.reflected].map { value in
          value.map { TextLine(Quantity.exact($0)) } ?? TextLine("–", .dim)
        }
      }
      table.append(cells)
    }
    return table.lines(width: width)
  }
}
