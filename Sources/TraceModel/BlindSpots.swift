extension Topology {
  /// What passes none of the hooks of an interface, though that gets it.
  ///
  /// In mode l3s the IP layer hands what comes in to an ipvlan child, above the hooks (drivers/net/ipvlan/ipvlan_l3s.c).
  public var blindSpots: [Degradation] {
    let blind = children.filter { $0.kind == .ipvlan && $0.mode == .l3s }
    guard !blind.isEmpty else { return [] }
    let names = blind.prefix(3).map(\.label).joined(separator: ", ") + (blind.count > 3 ? " and others" : "")
    let lowers = Set(blind.compactMap(\.parent)).compactMap { interface($0)?.name }.sorted().joined(
      separator: ", ")
    return [
      Degradation(
        feature: "hooks",
        consequence:
          "what \(names) got from beyond this host is counted at \(lowers) alone: in mode l3s the IP layer hands "
          + "it over, where there is no hook")
    ]
  }
}
