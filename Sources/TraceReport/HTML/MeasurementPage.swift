public import TraceModel

/// A performance run as one HTML file with its plots inside: it loads nothing and runs nothing.
public enum MeasurementPage {
  /// Renders a run.
  public static func render(_ run: SavedRun) -> String {
    switch run {
    case .measurement(let run): page(run)
    case .comparison(let run): page(run)
    }
  }

  private static func page(_ run: PathMeasurement) -> String {
    let title = "\(run.from) to \(run.to)"
    return Markup.page(
      title: "macvtrace: \(title)", style: PageStyle.sheet,
      heading(
        "\(title): what the path delivers", run.tool, run.host, run.window, run.options,
        rounds: run.path.rounds.count, isComplete: run.isComplete)
        + PathPlots.throughput(run.path) + PathPlots.frames(run.path)
        + PathPlots.percentiles([run.path]) + PathPlots.overTime(run.path) + PathPlots.hops(run.path)
        + [heading("All numbers"), PageTables.metrics([run.path])]
        + basis(run.environment, run.notes))
  }

  private static func page(_ run: Comparison) -> String {
    let title =
      run.subject == .overhead
      ? "The price of looking: with and without macvtrace"
      : run.paths.map(\.name).joined(separator: ", ") + " beside one another"
    let missing = run.paths.filter { $0.missing != nil }.map {
      Markup.element("p", ["class": "warning"], [Markup("\($0.name): \($0.missing ?? "")")])
    }
    return Markup.page(
      title: "macvtrace: \(title)", style: PageStyle.sheet,
      heading(
        title, run.tool, run.host, run.window, run.options, rounds: run.paths.map(\.rounds.count).max() ?? 0,
        isComplete: run.isComplete) + missing + ComparisonPlots.ratios(run) + ComparisonPlots.values(run)
        + PathPlots.percentiles(run.paths) + ComparisonPlots.programs(run)
        + [heading("All numbers"), PageTables.metrics(run.paths)] + basis(run.environment, run.notes))
  }

  static func heading(_ text: String) -> Markup { .element("h2", [:], [Markup(text)]) }

  private static func heading(
    _ title: String, _ tool: ToolInformation, _ host: HostInformation, _ window: ObservationWindow,
    _ options: MeasurementOptions, rounds: Int, isComplete: Bool
  ) -> [Markup] {
    let extent =
      "\(Quantity.count(UInt64(rounds), "round")) of \(Quantity.decimal(options.seconds)) s a load, from \(window.start)"
    let parts = ["macvtrace \(tool.version)", host.name, "Linux \(host.kernel)", extent]
    var lines: [Markup] = [
      .element("h1", [:], [Markup(title)]),
      .element("p", ["class": "dim"], [Markup(parts.joined(separator: " · "))]),
    ]
    if !isComplete {
      lines.append(
        .element(
          "p", ["class": "warning"],
          [Markup("Not complete: this was measured before it was stopped, or before something failed.")]))
    }
    return lines
  }

  private static func basis(_ environment: MeasuredEnvironment, _ notes: [String]) -> [Markup] {
    let machine =
      "\(environment.processor), \(Quantity.count(UInt64(clamping: environment.cpus), "CPU")); load average "
      + "\(Quantity.decimal(environment.load)) when it began"
    return [heading("What this rests on"), .element("p", [:], [Markup(machine)])]
      + (environment.interfaces.isEmpty ? [] : [PageTables.interfaces(environment.interfaces)])
      + [.element("ul", [:], notes.map { .element("li", [:], [Markup($0)]) })]
  }
}
