import Netlink
import TraceModel

/// Who owns the receive handlers of the links of a reading.
struct ReceiveHandlers {
  /// Links that own the handler of the one that they sit on, by that one.
  private var stacked: [InterfaceID: Netlink.Link] = [:]

  /// Kinds of links that take the handler of the one that they sit on.
  private static let stackedKinds: Set<String> = ["macsec", "rmnet"]
  /// Kinds of masters that get at their ports' packets another way: `vrf` in the IP layer (l3mdev), `batadv` by
  /// EtherType.
  private static let mastersWithout: Set<String> = ["vrf", "batadv"]

  init(_ views: [NamespaceView]) {
    for view in views {
      for link in view.links where Self.stackedKinds.contains(link.kind) && link.linkNamespaceID == nil {
        guard let lower = link.link else { continue }
        stacked[InterfaceID(namespace: view.inode, ifindex: lower)] = link
      }
    }
  }

  /// The owner, where it is not the link's own children.
  func owner(of link: Netlink.Link, in view: NamespaceView) -> ReceiveHandler? {
    if let master = link.master {
      let kind = link.masterKind ?? "unknown"
      if Self.mastersWithout.contains(kind) { return nil }
      return ReceiveHandler(kind: kind, name: view.links.first { $0.ifindex == master }?.name)
    }
    return stacked[InterfaceID(namespace: view.inode, ifindex: link.ifindex)].map {
      ReceiveHandler(kind: $0.kind, name: $0.name)
    }
  }

  /// The first child takes the handler for all of its kind.
  static func ownedByChildren(_ kind: InterfaceKind) -> ReceiveHandler {
    ReceiveHandler(kind: kind == .ipvlan ? "ipvlan" : "macvlan")
  }
}
