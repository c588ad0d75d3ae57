/// The costs of all subjects at one number of stations.
struct HotPathResult: Encodable {
  struct Row: Encodable {
    let subject: String
    /// Nanoseconds per frame that it adds to doing nothing.
    let added: Spread
    /// The same, as a multiple of the floor of so many keys in the same round: a counter for each, in an array, and its
    /// number known.
    let timesFloor: Spread
    /// The same, as a multiple of the floor of one key in the same round: one counter for all.
    let timesFloorOfOne: Spread
    /// The same, as a multiple of the kernel's hash map in the same round.
    let timesHash: Spread
  }

  let stations: Stations
  let rows: [Row]

  /// - Parameter added: nanoseconds that a frame costs more than with the first subject, for each subject those of all
  ///   rounds; the first four subjects are nothing, the floor, that of one key, and the hash map.
  init(_ stations: Stations, names: [String], added: [[Double]]) {
    self.stations = stations
    rows = names.indices.dropFirst().map { index in
      Row(
        subject: names[index], added: Spread(added[index]),
        timesFloor: Spread(zip(added[index], added[1]).map { $0 / $1 }),
        timesFloorOfOne: Spread(zip(added[index], added[2]).map { $0 / $1 }),
        timesHash: Spread(zip(added[index], added[3]).map { $0 / $1 }))
    }
  }
}
