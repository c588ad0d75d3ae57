/// What one record costs, in nanoseconds of processor time.
struct ReadingCost {
  /// From the ring to values in time order.
  let reading: Double
  /// From values to trajectories.
  let joining: Double

  var both: Double { reading + joining }
}

/// How fast records were read.
struct ReadingResult: Encodable {
  /// Million records per second of one core, by round.
  struct Rates: Encodable {
    private(set) var reading: [Double] = []
    private(set) var joining: [Double] = []
    private(set) var both: [Double] = []

    mutating func append(_ cost: ReadingCost) {
      reading.append(1e3 / cost.reading)
      joining.append(1e3 / cost.joining)
      both.append(1e3 / cost.both)
    }
  }

  let records: Int
  /// The records that a capture keeps unless told otherwise.
  let retention: Int
  /// With as many records kept as a capture keeps, the latest, and with all kept.
  private(set) var latest = Rates()
  private(set) var all = Rates()
  /// Seconds from that many sightings to the finished report, by round.
  private(set) var report: [Double] = []

  init(records: Int, retention: Int) {
    self.records = records
    self.retention = retention
  }

  /// Million records per second of one core from the ring to trajectories, as a capture reads them, by round.
  var both: [Double] { latest.both }

  /// - Parameter report: in nanoseconds of processor time.
  mutating func append(latest: ReadingCost, all: ReadingCost, report: UInt64) {
    self.latest.append(latest)
    self.all.append(all)
    self.report.append(Double(report) / 1e9)
  }

  var text: String {
    var table = TextColumns(["million records/s of one core", "the latest \(retention) kept", "all kept"])
    for (name, rates) in [
      ("from the ring to values", \Rates.reading), ("from values to trajectories", \.joining),
      ("both", \.both),
    ] {
      table.append([name, Spread(latest[keyPath: rates]).text(2), Spread(all[keyPath: rates]).text(2)])
    }
    table.append(["from \(records) sightings to the report, s", "", Spread(report).text(2)])
    return "Reading what was recorded; median (minimum-maximum)\n" + table.text
  }
}
