public import TraceModel

/// What `macvtrace doctor --json` prints: `macvtrace.doctor/1`.
public enum JSONDoctor {
  /// Renders the report as one UTF-8 document.
  ///
  /// - Throws: `JSONRenderingError` when the document cannot be written.
  public static func render(_ report: DoctorReport) throws(JSONRenderingError) -> [UInt8] {
    try JSONDocument.render(report)
  }
}
