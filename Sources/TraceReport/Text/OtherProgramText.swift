import TraceModel

/// Other people's programs on the observed interfaces.
enum OtherProgramText {
  /// One row for each, in the order in which they run.
  static func table(of report: Report, limit: Int, width: Int) -> [TextLine] {
    guard !report.otherPrograms.isEmpty else { return [] }
    let labels = Dictionary(report.interfaces.map { ($0.id, $0.label) }) { first, _ in first }
    var table = TextTable(columns: [
      .text("INTERFACE", minimum: 12), .text("WAY"), .text("PROGRAM", minimum: 24), .text("RUNS"),
    ])
    for program in report.otherPrograms.prefix(limit) {
      let isBefore = program.position == .before
      table.append([
        TextLine(labels[program.interface] ?? program.interface.description),
        TextLine(way(program.place.direction)),
        TextLine(program.label), TextLine("\(program.position) macvtrace", isBefore ? .notice : .plain),
      ])
    }
    var lines = table.lines(width: width)
    if report.otherPrograms.count > limit {
      let rest = Quantity.count(UInt64(report.otherPrograms.count - limit), "more row")
      lines.append(TextLine("… \(rest): all of them with --json", .dim).clipped(to: width))
    }
    return lines
  }

  /// The order in which the programs of each side would run with macvtrace's among them, and why.
  static func order(of report: DoctorReport, width: Int) -> [TextLine] {
    let labels = Dictionary(report.interfaces.map { ($0.id, $0.label) }) { first, _ in first }
    let others = Dictionary(grouping: report.otherPrograms) { Hook($0.interface, $0.place.direction) }
    var lines: [TextLine] = []
    var alone = 0
    for place in report.places {
      let own = others[place.hook] ?? []
      if own.isEmpty, place.mechanism != nil {
        alone += 1
        continue
      }
      let label = labels[place.hook.interface] ?? place.hook.interface.description
      lines.append(TextLine("\(label), \(way(place.hook.direction))").clipped(to: width))
      lines += side(own, place, width: width)
    }
    if alone > 0 {
      lines += wrap(
        "On \(lines.isEmpty ? "all" : "the other") \(Quantity.count(UInt64(alone), "side")) macvtrace would be alone.",
        width: width, ink: .dim)
    }
    if others.contains(where: { !$0.value.isEmpty }) {
      lines += wrap(
        "macvtrace goes first on both sides: a program that ends the chain hides frames from all behind it. What is dropped "
          + "behind macvtrace shows with its reason; XDP runs before everything, and what it keeps is not seen.",
        width: width, ink: .dim)
    }
    return lines
  }

  private static func side(_ others: [OtherProgram], _ place: PlannedPlace, width: Int) -> [TextLine] {
    var rows = others.filter { $0.position == .before }.map { ($0.label, "", Ink.notice) }
    if let mechanism = place.mechanism {
      let priority = place.priority.map { " (priority \($0))" } ?? ""
      rows.append(("macvtrace, \(mechanism)\(priority)", place.why, .strong))
    }
    rows += others.filter { $0.position == .after }.map { ($0.label, "", Ink.plain) }
    var lines: [TextLine] = []
    for (index, row) in rows.enumerated() {
      lines += wrap(TextLine("  \(index + 1)  "), row.0, width: width, ink: row.2)
      lines += wrap(row.1, width: max(width - 5, 8), ink: .dim).indented(by: 5)
    }
    if place.mechanism == nil {
      lines += wrap("macvtrace cannot see this side: \(place.why)", width: max(width - 5, 8), ink: .bad)
        .indented(by: 5)
    }
    return lines
  }

  private static func way(_ direction: Direction) -> String { direction == .ingress ? "in" : "out" }
}
