/// What cannot sit on an interface, and why.
public struct ChildRestriction: Hashable, Sendable {
  /// The parent, or a VLAN sub-interface.
  public var interface: InterfaceID
  /// Whether a further macvlan child is among what is impossible.
  public var forbidsMacvlan: Bool
  /// One sentence for a person, with the errno that the kernel answers.
  public var text: String
}

extension Topology {
  /// What keeps further children off the parent and its VLANs, interface by interface.
  public var childRestrictions: [ChildRestriction] {
    interfaces.filter { $0.kind == .parent || $0.kind == .vlan }.compactMap(restriction)
  }

  private func restriction(of interface: Interface) -> ChildRestriction? {
    guard let handler = interface.receiveHandler else { return nil }
    let name = interface.label
    var forbidsMacvlan = true
    var text: String
    switch (handler.kind, handler.name) {
    case ("macvlan", nil):
      if let passthru = children.first(where: { $0.parent == interface.id && $0.mode == .passthru }) {
        text =
          "\(name) belongs to \(passthru.label) in passthru mode: no second macvlan child can sit on it (EINVAL, errno "
          + "22), and no ipvlan child (EBUSY, errno 16)"
      } else {
        forbidsMacvlan = false
        text =
          "\(name) carries macvlan children, which own its receive handler: no ipvlan child can sit beside them "
          + "(EBUSY, errno 16); put it on a VLAN sub-interface, or on another interface"
      }
    case ("ipvlan", nil):
      text =
        "\(name) carries ipvlan children, which own its receive handler: no macvlan child can sit beside them "
        + "(EBUSY, errno 16); put it on a VLAN sub-interface, or on another interface"
    case (let kind, let owner):
      let isAbove = Self.stackedOwners.contains(kind)
      let title = [kind == "unknown" ? "another device" : kind, owner].compactMap(\.self).joined(
        separator: " ")
      text = isAbove ? "\(title) sits on \(name) and" : "\(name) is a port of \(title), which"
      text += " owns its receive handler: no macvlan or ipvlan child can sit on it (EBUSY, errno 16)"
      switch kind {
      case "openvswitch": text += "; use an internal port of the switch as the parent"
      case "unknown": break
      default: text += owner.map { "; use \($0) as the parent" } ?? ""
      }
    }
    return ChildRestriction(interface: interface.id, forbidsMacvlan: forbidsMacvlan, text: text)
  }

  /// Owners that are stacked on an interface, which is no port of theirs.
  private static let stackedOwners: Set<String> = ["macsec", "rmnet"]
}
