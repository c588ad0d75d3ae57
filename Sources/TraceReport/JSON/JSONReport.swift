public import TraceModel

/// The diagnostic report for machines: the contract `macvtrace.report/1`.
public enum JSONReport {
  /// Renders the report as one UTF-8 document with a line feed at its end.
  ///
  /// - Throws: `JSONRenderingError` when a number is not finite.
  public static func render(_ report: Report) throws(JSONRenderingError) -> [UInt8] {
    try JSONDocument.render(report)
  }
}
