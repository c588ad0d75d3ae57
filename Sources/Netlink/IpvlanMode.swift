/// Up to which layer an ipvlan works itself (`enum ipvlan_mode`, Documentation/networking/ipvlan.rst).
public enum IpvlanMode: UInt16, Sendable, CaseIterable {
  /// Resolves its neighbors itself.
  case l2 = 0
  /// Routes through its parent's namespace; without broadcast and multicast.
  case l3 = 1
  /// As `l3`, and what comes in passes the parent's netfilter hooks.
  case l3s = 2
}
