/// How fast records were read.
struct ReadingResult: Encodable {
  let records: Int
  /// Million records per second of one core, by round: from the ring to values, from values to trajectories, and both.
  private(set) var reading: [Double] = []
  private(set) var joining: [Double] = []
  private(set) var both: [Double] = []
  /// Seconds from that many sightings to the finished report, by round.
  private(set) var report: [Double] = []

  init(records: Int) { self.records = records }

  /// - Parameters: nanoseconds of processor time of one round.
  mutating func append(reading: UInt64, joining: UInt64, report: UInt64) {
    let millions = { [records] (nanoseconds: UInt64) in Double(records) * 1e3 / Double(nanoseconds) }
    self.reading.append(millions(reading))
    self.joining.append(millions(joining))
    both.append(millions(reading + joining))
    self.report.append(Double(report) / 1e9)
  }

  var text: String {
    var table = TextColumns(["", ""])
    table.append(["from the ring to values, million records/s of one core", Spread(reading).text(2)])
    table.append(["from values to trajectories", Spread(joining).text(2)])
    table.append(["both", Spread(both).text(2)])
    table.append(["from \(records) sightings to the report, s", Spread(report).text(2)])
    return "Reading what was recorded; median (minimum-maximum)\n" + table.text
  }
}
