public import TraceModel

/// What `macvtrace list` prints: the parent and everything that sits on it, as a tree.
public enum TopologyText {
  /// Renders the tree, and below it what cannot sit on it; an interface whose lower one is not in the topology stands
  /// under the parent.
  public static func render(_ topology: Topology, style: TextStyle) -> String {
    let tree = InterfaceTable.lines(of: topology.interfaces, width: style.width)
    let notes = topology.childRestrictions.flatMap {
      wrap(TextLine("· ", $0.forbidsMacvlan ? .notice : .dim), $0.text, width: style.measure)
    }
    return (tree + notes).text(style)
  }
}
