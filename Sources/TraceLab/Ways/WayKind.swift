/// A way in which two containers of one host can be connected.
public enum WayKind: String, CaseIterable, Sendable {
  /// Two macvlan children, in bridge mode, of one interface.
  case macvlan
  /// Two veth pairs on a bridge, as Docker's `bridge` network has them.
  case bridge
  /// Two ipvlan children, in mode l2, of one interface.
  case ipvlan
  /// Both in one namespace, as Docker's `host` network has them: by the loopback interface.
  case host
}
