public import TraceModel

/// What `macvtrace causes --json` prints: `macvtrace.causes/1`.
public enum JSONCauses {
  /// The name and version of this form.
  public static let schema = "macvtrace.causes/1"

  private struct Document: Encodable {
    var schema: String
    var tool: ToolInformation
    var causes: [RuleCard]
  }

  /// Renders causes as one UTF-8 document.
  ///
  /// - Throws: `JSONRenderingError` when the document cannot be written.
  public static func render(_ causes: [RuleCard], tool: ToolInformation) throws(JSONRenderingError) -> [UInt8]
  {
    try JSONDocument.render(Document(schema: schema, tool: tool, causes: causes))
  }
}
