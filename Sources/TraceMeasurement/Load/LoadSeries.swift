public import TraceModel

/// A path that takes part in a series.
public struct LoadCandidate {
  /// `macvlan`, `attached`.
  public var name: String
  let runner: LoadRunner
  let around: (() throws -> Void) throws -> Void

  /// Describes one.
  ///
  /// - Parameter around: runs what it is given, with whatever makes this candidate another one than the rest, such as
  ///   macvtrace attached.
  public init(
    _ name: String, _ runner: LoadRunner, around: @escaping (() throws -> Void) throws -> Void = { try $0() }
  ) {
    self.name = name
    self.runner = runner
    self.around = around
  }
}

/// Rounds of loads, each load on every path in turn: what a machine's mood changes from minute to minute, it changes for
/// all of them.
public struct LoadSeries {
  /// What each path gave, in order.
  public private(set) var paths: [MeasuredPath]
  /// Whether every round ran to its end.
  public private(set) var isComplete = false
  /// What failed, each failure once.
  public private(set) var failures: [String] = []

  private let candidates: [LoadCandidate]
  private let loads: [Load]
  private let rounds: Int
  private let control: LoadControl

  /// Prepares.
  public init(_ candidates: [LoadCandidate], _ loads: [Load], rounds: Int, _ control: LoadControl) {
    self.candidates = candidates
    self.loads = loads
    self.rounds = rounds
    self.control = control
    paths = candidates.map { MeasuredPath($0.name) }
  }

  /// Runs everything, or until somebody wants the results so far.
  ///
  /// - Throws: `MeasurementError` when nothing could be measured at all.
  public mutating func run() throws {
    do {
      for round in 0..<rounds {
        for load in loads {
          for (index, candidate) in candidates.enumerated() {
            try run(load, candidate, index, round)
          }
        }
      }
      isComplete = failures.isEmpty
    } catch is Interruption {
      control.progress("interrupted: these are the results so far")
    }
    for index in paths.indices { paths[index].rounds.removeAll(where: \.isEmpty) }
    if paths.allSatisfy(\.rounds.isEmpty) {
      throw MeasurementError(failures.first ?? "interrupted before anything was measured")
    }
  }

  private mutating func run(_ load: Load, _ candidate: LoadCandidate, _ index: Int, _ round: Int) throws {
    try control.check()
    let path = candidates.count > 1 ? "\(candidate.name): " : ""
    control.progress("round \(round + 1) of \(rounds): \(path)\(load.title)")
    while paths[index].rounds.count <= round { paths[index].rounds.append(MeasuredRound()) }
    var result = paths[index].rounds[round]
    do {
      try candidate.around { try candidate.runner.run(load, into: &result) }
    } catch let interruption as Interruption {
      throw interruption
    } catch {
      // One load that fails says nothing of the others.
      let failure = "\(path)\(load.title): \(error)"
      if !failures.contains(failure) { failures.append(failure) }
    }
    paths[index].rounds[round] = result
  }
}
