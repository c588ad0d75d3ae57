public import NetworkAddresses

/// What was tried to verify the ways between a parent's VLANs.
public struct VerificationRun: Hashable, Codable, Sendable {
  /// The VLANs that were asked for, in ascending order.
  public var vlans: [VLANID]
  /// Whether nothing was sent: then live traffic alone speaks.
  public var isPassive: Bool
  /// How many routers are expected on each way.
  public var hops: Int
  /// What must be, where that was said.
  public var policy: VLANPolicy?
  /// Who sent and heard.
  public var stations: [VLANStation] = []
  /// What was tried, in the order in which the pairs were done.
  public var exchanges: [VLANExchange] = []
  /// What was sent to show that nothing leaks.
  public var strays: [StrayFrame] = []
  /// What could not be tried, and why.
  public var omissions: [VLANOmission] = []

  /// Begins one in which nothing was tried yet.
  public init(vlans: [VLANID], isPassive: Bool, hops: Int = 1, policy: VLANPolicy? = nil) {
    self.vlans = vlans
    self.isPassive = isPassive
    self.hops = hops
    self.policy = policy
  }

  /// The station of a VLAN that was tried in a pair, else its first one.
  public func station(of vlan: VLANID, in pair: VLANPair) -> VLANStation? {
    let exchange = exchanges.first { $0.pair == pair || $0.pair == pair.reversed }
    let end = exchange.map { vlan == $0.pair.from ? $0.run.from : $0.run.to }
    let own = stations.filter { $0.vlan == vlan }
    return end.flatMap { end in
      own.first { station in
        end.interface == station.interface && end.address.map(station.addresses.contains) ?? false
      }
    } ?? own.first
  }
}

/// A pair between which nothing could be tried, and why.
public struct VLANOmission: Hashable, Codable, Sendable {
  /// The pair.
  public var pair: VLANPair
  /// What was missing, and how to make it so, in a sentence without its full stop.
  public var because: String

  /// States an omission.
  public init(_ pair: VLANPair, because: String) {
    self.pair = pair
    self.because = because
  }
}
