public import TraceModel

/// What `macvtrace list --json` prints: `macvtrace.topology/1`.
public enum JSONTopology {
  /// The name and version of this form.
  public static let schema = "macvtrace.topology/1"

  private struct Document: Encodable {
    var schema: String
    var tool: ToolInformation
    var host: HostInformation
    var parent: InterfaceID
    var interfaces: [Interface]
    var notes: [String]
  }

  /// Renders the topology as one UTF-8 document; its interfaces have the form that they have in the report. `notes` says
  /// what cannot sit on them.
  ///
  /// - Throws: `JSONRenderingError` when the document cannot be written.
  public static func render(
    _ topology: Topology, tool: ToolInformation, host: HostInformation
  ) throws(JSONRenderingError) -> [UInt8] {
    try JSONDocument.render(
      Document(
        schema: schema, tool: tool, host: host, parent: topology.parent, interfaces: topology.interfaces,
        notes: topology.childRestrictions.map(\.text)))
  }
}
