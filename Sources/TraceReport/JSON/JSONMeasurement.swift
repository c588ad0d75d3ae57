public import TraceModel

/// What `macvtrace measure --json` prints and saves: `macvtrace.measurement/1`, `macvtrace.comparison/1`; and what two
/// saved runs give: `macvtrace.difference/1`.
public enum JSONMeasurement {
  /// Renders a run as one UTF-8 document.
  ///
  /// - Throws: `JSONRenderingError` when a number is not finite.
  public static func render(_ run: SavedRun) throws(JSONRenderingError) -> [UInt8] {
    switch run {
    case .measurement(let run): try JSONDocument.render(run)
    case .comparison(let run): try JSONDocument.render(run)
    }
  }

  /// Renders what became of a path between two runs.
  public static func render(_ difference: RunDifference) throws(JSONRenderingError) -> [UInt8] {
    try JSONDocument.render(difference)
  }
}
