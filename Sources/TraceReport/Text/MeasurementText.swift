public import TraceModel

/// A performance run for a person.
public enum MeasurementText {
  /// Renders a run: its numbers with bars, then what they rest on.
  public static func render(_ run: SavedRun, style: TextStyle) -> String {
    switch run {
    case .measurement(let run): text(heading(run, style), MeasurementTables.sections(of: run, style), style)
    case .comparison(let run): text(heading(run, style), ComparisonTables.sections(of: run, style), style)
    }
  }

  private static func text(_ heading: [TextLine], _ sections: [[TextLine]], _ style: TextStyle) -> String {
    ([heading] + sections).filter { !$0.isEmpty }.joined(separator: [TextLine()]).map(\.self).text(style)
  }

  private static func heading(_ run: PathMeasurement, _ style: TextStyle) -> [TextLine] {
    heading(
      "\(run.from) (A) to \(run.to) (B)", run.tool, run.host, run.options, run.path.rounds.count,
      isComplete: run.isComplete, style)
  }

  private static func heading(_ run: Comparison, _ style: TextStyle) -> [TextLine] {
    let others = run.paths.map(\.name).filter { $0 != run.baseline }.joined(separator: ", ")
    let subject =
      run.subject == .overhead
      ? "with and without macvtrace attached" : "\(run.baseline) beside \(others)"
    return heading(
      subject, run.tool, run.host, run.options, run.paths.map(\.rounds.count).max() ?? 0,
      isComplete: run.isComplete, style)
  }

  private static func heading(
    _ subject: String, _ tool: ToolInformation, _ host: HostInformation, _ options: MeasurementOptions,
    _ rounds: Int, isComplete: Bool, _ style: TextStyle
  ) -> [TextLine] {
    let extent =
      "\(Quantity.count(UInt64(rounds), "round")) of \(Quantity.decimal(options.seconds)) s a load"
    let parts = ["macvtrace \(tool.version)", "\(subject) on \(host.name)", extent, "Linux \(host.kernel)"]
    var lines = wrap(parts.joined(separator: " · "), width: style.measure, ink: .dim)
    if !isComplete {
      lines += wrap(
        "✗ Not complete: what follows is what was measured before it was stopped, or before something failed.",
        width: style.measure, ink: .notice)
    }
    return lines
  }

  /// The machine, and what is to be known of the numbers.
  static func basis(_ environment: MeasuredEnvironment, _ notes: [String], _ style: TextStyle) -> [TextLine] {
    var lines = wrap(
      "\(environment.processor), \(Quantity.count(UInt64(clamping: environment.cpus), "CPU")); load average "
        + "\(Quantity.decimal(environment.load)) when it began", width: style.measure - 2)
    for interface in environment.interfaces {
      var text = "\(interface.kind), MTU \(interface.mtu)"
      if !interface.offloads.isEmpty { text += ", offloads " + interface.offloads.joined(separator: " ") }
      text +=
        interface.programs.isEmpty
        ? "" : ", others' programs: " + interface.programs.joined(separator: ", ")
      lines += wrap(TextLine("\(interface.label)  ", .dim), text, width: style.measure - 2)
    }
    for note in notes { lines += wrap(TextLine("· ", .dim), note, width: style.measure - 2) }
    return section("What this rests on", lines, width: style.width)
  }
}
