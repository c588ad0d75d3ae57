/// What counting a frame costs with many stations, as a multiple of what it costs with few, in the same round.
struct StationCostResult: Encodable {
  struct Row: Encodable {
    let subject: String
    /// Nanoseconds per frame that it adds to doing nothing, with few and with many.
    let few: Spread
    let many: Spread
    let ratio: Spread
  }

  let few: UInt32
  let many: UInt32
  let rows: [Row]

  init(few: UInt32, many: UInt32, rounds: Int) throws {
    (self.few, self.many) = (few, many)
    let (names, added) = try HotPathBench.added(rounds: rounds) {
      [try HotPathBench(Stations(count: few)), try HotPathBench(Stations(count: many))]
    }
    rows = names.enumerated().dropFirst().map { index, name in
      Row(
        subject: name, few: Spread(added[0][index]), many: Spread(added[1][index]),
        ratio: Spread(zip(added[1][index], added[0][index]).map { $0 / $1 }))
    }
  }
}
