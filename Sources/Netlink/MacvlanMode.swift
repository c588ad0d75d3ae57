/// How a macvlan shares its parent with the other children (`enum macvlan_mode`, ip-link(8)).
public enum MacvlanMode: UInt32, Sendable, CaseIterable {
  /// Never speaks with its siblings.
  case `private` = 1
  /// Speaks with its siblings by way of a switch that reflects; the kernel's default.
  case vepa = 2
  /// Speaks with its siblings directly; Docker's default.
  case bridge = 4
  /// The only child, which takes everything.
  case passthru = 8
  /// Takes what comes from senders on its list.
  case source = 16
}
