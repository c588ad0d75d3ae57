import NetworkAddresses

/// What was tried from a station of one VLAN to a station of another.
public struct VLANExchange: Hashable, Codable, Sendable {
  /// From where to where.
  public var pair: VLANPair
  /// What was sent, and what became of it.
  public var run: ProbeRun
  /// The TTL or hop limit that its packets were sent with: 1 for those that no router may pass on; `nil`: the sender's
  /// default.
  public var hopLimit: UInt8?

  /// Describes an exchange.
  public init(pair: VLANPair, run: ProbeRun, hopLimit: UInt8? = nil) {
    self.pair = pair
    self.run = run
    self.hopLimit = hopLimit
  }

  /// Whether it was sent to be stopped by the first router.
  public var isNegativeControl: Bool { hopLimit == 1 }
  /// Whether its packets are IPv4.
  public var isIPv4: Bool { run.to.address?.isIPv4 ?? true }
  /// Whether it shows that the target is reached: it answered, or it was refused.
  public var reaches: Bool { run.probes.contains { [.answered, .refused].contains($0.outcome) } }
}
