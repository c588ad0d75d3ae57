/// The costs of all subjects at one number of stations.
struct HotPathResult: Encodable {
  struct Row: Encodable {
    let subject: String
    /// Nanoseconds per frame that it adds to doing nothing.
    let added: Spread
    /// The same, as a multiple of the floor in the same round.
    let timesFloor: Spread
    /// The same, as a multiple of the kernel's hash map in the same round.
    let timesHash: Spread
  }

  let stations: UInt32
  let rows: [Row]

  /// - Parameter added: nanoseconds that a frame costs more than with the first subject, for each subject those of all
  ///   rounds; the first three subjects are nothing, the floor, and the hash map.
  init(stations: UInt32, names: [String], added: [[Double]]) {
    self.stations = stations
    rows = names.indices.dropFirst().map { index in
      Row(
        subject: names[index], added: Spread(added[index]),
        timesFloor: Spread(zip(added[index], added[1]).map { $0 / $1 }),
        timesHash: Spread(zip(added[index], added[2]).map { $0 / $1 }))
    }
  }
}
