import TraceLab

/// What not every kernel has, each tried on interfaces of a namespace of its own.
enum NetworkFeatures {
  static let vlan = can("ip link add link p0 name v0 type vlan id 1")
  static let ipvlan = can("ip link add link p0 name i0 type ipvlan mode l2")
  static let bridgeVLANs = can("ip link add b0 type bridge vlan_filtering 1")
  static let bond = can("ip link add b0 type bond")

  /// Whether a command succeeds beside a pair of interfaces `p0` and `p1`.
  static func can(_ command: String) -> Bool {
    let script = "ip link add p0 type veth peer name p1 && \(command)"
    return (try? CommandRunner.run(["unshare", "--net", "sh", "-c", script]).status) == 0
  }
}
