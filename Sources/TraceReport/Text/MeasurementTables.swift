import TraceModel

/// The numbers of one path.
enum MeasurementTables {
  static func sections(of run: PathMeasurement, _ style: TextStyle) -> [[TextLine]] {
    let width = style.measure - 2
    return [
      section("Throughput", throughput(run.path).lines(width: width), width: style.width),
      section("Frames per second", frames(run.path).lines(width: width), width: style.width),
      section("Round trips", latency(run.path).lines(width: width), width: style.width),
      section("Inside this host, hook by hook", hops(run.path).lines(width: width), width: style.width),
      MeasurementText.basis(run.environment, run.notes, style),
    ]
  }

  private static func throughput(_ path: MeasuredPath) -> TextTable {
    var table = TextTable(columns: [
      .text(""), .text(""), .number("median"), .text("min to max"), .number("lost"),
    ])
    let metrics = path.metrics
    let rates = metrics.filter { $0.unit == .bitsPerSecond }
    let most = rates.compactMap { $0.spread?.median }.max() ?? 0
    for metric in rates {
      guard let spread = metric.spread else { continue }
      let loss = metrics.first { $0.key == metric.key + "_loss" }?.spread
      table.append([
        TextLine(metric.title), Bar.line(spread.median / most),
        TextLine(value(spread.median, metric), .strong),
        TextLine(range(spread, metric.unit), .dim), TextLine(loss.map { Quantity.percent($0.median) } ?? ""),
      ])
    }
    return table
  }

  private static func frames(_ path: MeasuredPath) -> TextTable {
    var table = TextTable(columns: [
      .number("octets"), .text(""), .number("loss-free"), .text("min to max"), .number("all that fits"),
      .number("CPU a frame"), .text("bounded by", minimum: 10),
    ])
    let sizes = path.rounds.flatMap(\.frameRates).map(\.size).reduce(into: [Int]()) { sizes, size in
      if !sizes.contains(size) { sizes.append(size) }
    }
    let metric = { (size: Int, suffix: String) in path.metric("frames_\(size)\(suffix)")?.spread }
    let most = sizes.compactMap { (metric($0, "_loss_free") ?? metric($0, ""))?.median }.max() ?? 0
    for size in sizes {
      let free = metric(size, "_loss_free")
      let all = metric(size, "")
      let results = path.rounds.flatMap(\.frameRates).filter { $0.size == size }
      table.append([
        TextLine("\(size)"), Bar.line(((free ?? all)?.median ?? 0) / most, width: 14),
        TextLine(free.map { Quantity.short($0.median, .framesPerSecond) } ?? "none", .strong),
        TextLine(free.map { range($0, .framesPerSecond, isShort: true) } ?? "", .dim),
        TextLine(all.map { Quantity.short($0.median, .framesPerSecond) } ?? ""),
        TextLine(metric(size, "_cpu").map { Quantity.time($0.median) } ?? ""), TextLine(bound(results)),
      ])
    }
    return table
  }

  /// What bounds the loss-free rate in most rounds.
  private static func bound(_ results: [FrameRateResult]) -> String {
    let limits = results.compactMap(\.limit)
    let count = { (limit: FrameRateResult.Limit) in limits.count { $0 == limit } }
    guard let most = [FrameRateResult.Limit.sender, .path, .rate].max(by: { count($0) < count($1) }),
      count(most) > 0
    else { return "loss in all" }
    switch most {
    case .rate: return "--rate"
    case .path: return "path"
    case .sender:
      let shares = results.compactMap(\.flood.senderRan).sorted()
      guard let share = shares.isEmpty ? nil : shares[shares.count / 2], share < 0.9 else { return "sender" }
      return "sender, ran \(Int((max(share, 0) * 100).rounded())) %"
    }
  }

  private static func latency(_ path: MeasuredPath) -> TextTable {
    var table = TextTable(
      columns: [.text(""), .number("p50"), .text("min to max")]
        + ["p90", "p99", "p99.9", "max", "jitter", "lost"].map { .number($0) })
    for (condition, title) in [("idle", "idle"), ("loaded", "under load")] {
      let metric = { (suffix: String) in path.metric("latency_\(condition)_\(suffix)")?.spread }
      guard let middle = metric("p50") else { continue }
      let times = ["p90", "p99", "p99_9", "max", "jitter"].map { suffix in
        TextLine(metric(suffix).map { Quantity.value($0.median, .microseconds) } ?? "")
      }
      table.append(
        [
          TextLine(title), TextLine(Quantity.value(middle.median, .microseconds), .strong),
          TextLine(range(middle, .microseconds), .dim),
        ] + times + [TextLine(metric("loss").map { Quantity.percent($0.median) } ?? "none")])
    }
    return table
  }

  private static func hops(_ path: MeasuredPath) -> TextTable {
    var table = TextTable(columns: [
      .text("from", minimum: 12), .text("to", minimum: 12), .text(""), .number("p50"), .number("p99"),
      .number("max"), .number("frames"),
    ])
    let most = path.hops.map(\.time.p50).max() ?? 0
    for hop in path.hops {
      table.append([
        TextLine(hop.from), TextLine(hop.to), Bar.line(hop.time.p50 / most),
        TextLine(Quantity.value(hop.time.p50, .microseconds), .strong),
        TextLine(Quantity.value(hop.time.p99, .microseconds)),
        TextLine(Quantity.value(hop.time.maximum, .microseconds)), TextLine(Quantity.exact(hop.time.count)),
      ])
    }
    return table
  }

  private static func value(_ value: Double, _ metric: Metric) -> String {
    Quantity.value(value, metric.unit)
  }

  /// `12.9 to 13.4 Gbit/s`; nothing where there was one round.
  static func range(_ spread: Spread, _ unit: Metric.Unit, isShort: Bool = false) -> String {
    guard spread.rounds > 1 else { return "" }
    let write = isShort ? Quantity.short : Quantity.value
    let (low, high) = (write(spread.minimum, unit), write(spread.maximum, unit))
    // The unit stands once where both have the same.
    let unitOf = { (text: String) in text.split(separator: " ").last.map(String.init) ?? "" }
    guard unitOf(low) == unitOf(high) else { return "\(low) to \(high)" }
    return "\(low.dropLast(unitOf(low).count + 1)) to \(high)"
  }
}
