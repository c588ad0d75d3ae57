public import TraceModel

/// What `macvtrace list` prints: the parent and everything that sits on it, as a tree.
public enum TopologyText {
  /// Renders the tree; an interface whose lower one is not in the topology stands under the parent.
  public static func render(_ topology: Topology, style: TextStyle) -> String {
    InterfaceTable.lines(of: topology.interfaces, width: style.width).text(style)
  }
}
