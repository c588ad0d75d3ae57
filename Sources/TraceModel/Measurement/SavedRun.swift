/// What a measurement gave, of whatever kind.
public enum SavedRun: Hashable, Sendable {
  case measurement(PathMeasurement)
  case comparison(Comparison)

  /// The paths that were measured.
  public var paths: [MeasuredPath] {
    switch self {
    case .measurement(let run): [run.path]
    case .comparison(let run): run.paths
    }
  }
}
