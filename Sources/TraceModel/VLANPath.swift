public import NetworkAddresses

/// What happened to traffic from one VLAN to another.
public enum VLANVerdict: String, Codable, Sendable {
  case routed, blocked, leaked, asymmetric, unobserved
}

/// Percentiles of a latency, in microseconds.
public struct LatencyPercentiles: Hashable, Codable, Sendable {
  /// The median.
  public var p50: Double
  /// What 95 of 100 stay under; `nil` in a document that does not say.
  public var p95: Double?
  /// What 99 of 100 stay under.
  public var p99: Double
  /// The longest; `nil` in a document that does not say.
  public var max: Double?
  /// How many were measured; `nil` in a document that does not say.
  public var count: Int?

  /// Makes percentiles.
  public init(p50: Double, p95: Double? = nil, p99: Double, max: Double? = nil, count: Int? = nil) {
    self.p50 = p50
    self.p95 = p95
    self.p99 = p99
    self.max = max
    self.count = count
  }

  /// Of latencies in nanoseconds, by the nearest rank; `nil` of none.
  public init?(nanoseconds: [UInt64]) {
    guard !nanoseconds.isEmpty else { return nil }
    let sorted = nanoseconds.sorted()
    let rank = { (percent: Int) in
      Double(sorted[Swift.max((sorted.count * percent + 99) / 100, 1) - 1]) / 1000
    }
    self.init(p50: rank(50), p95: rank(95), p99: rank(99), max: rank(100), count: sorted.count)
  }
}

/// The verdict for one ordered pair of VLANs.
public struct VLANPath: Hashable, Codable, Sendable {
  /// The VLAN that sends.
  public var from: VLANID
  /// The VLAN that is sent to.
  public var to: VLANID
  /// What happened to the traffic.
  public var verdict: VLANVerdict
  /// The router that the frames went to; `nil` when none was seen.
  public var routerMAC: MACAddress?
  /// How much lower the TTL came back: 1 for one router, 0 for a leak.
  public var ttlDecrement: Int?
  /// From the last hook before the router to the first behind it, in microseconds.
  public var hopLatency: LatencyPercentiles?
  /// What was seen, in sentences.
  public var evidence: [String]
  /// What has to hold for the way, claim by claim; empty where the ways were not verified.
  public var claims: [VLANClaim] = []
  /// Whether the verdict is what the policy wants; `nil` without one that speaks of the pair.
  public var agreesWithPolicy: Bool?

  /// States a verdict.
  public init(
    from: VLANID, to: VLANID, verdict: VLANVerdict, routerMAC: MACAddress? = nil, ttlDecrement: Int? = nil,
    hopLatency: LatencyPercentiles? = nil, evidence: [String] = []
  ) {
    self.from = from
    self.to = to
    self.verdict = verdict
    self.routerMAC = routerMAC
    self.ttlDecrement = ttlDecrement
    self.hopLatency = hopLatency
    self.evidence = evidence
  }

  private enum CodingKeys: String, CodingKey {
    case from, to, verdict
    case routerMAC = "router_mac"
    case ttlDecrement = "ttl_decrement"
    case hopLatency = "hop_latency_us"
    case evidence, claims
    case agreesWithPolicy = "agrees_with_policy"
  }

  /// Reads the JSON contract's form; keys that were added to the contract later may be absent.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    from = try values.decode(VLANID.self, forKey: .from)
    to = try values.decode(VLANID.self, forKey: .to)
    verdict = try values.decode(VLANVerdict.self, forKey: .verdict)
    routerMAC = try values.decodeIfPresent(MACAddress.self, forKey: .routerMAC)
    ttlDecrement = try values.decodeIfPresent(Int.self, forKey: .ttlDecrement)
    hopLatency = try values.decodeIfPresent(LatencyPercentiles.self, forKey: .hopLatency)
    evidence = try values.decode([String].self, forKey: .evidence)
    claims = try values.decodeIfPresent([VLANClaim].self, forKey: .claims) ?? []
    agreesWithPolicy = try values.decodeIfPresent(Bool.self, forKey: .agreesWithPolicy)
  }

  /// Writes the JSON contract's form, in which what was not observed is an explicit `null`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(from, forKey: .from)
    try values.encode(to, forKey: .to)
    try values.encode(verdict, forKey: .verdict)
    try values.encode(routerMAC, forKey: .routerMAC)
    try values.encode(ttlDecrement, forKey: .ttlDecrement)
    try values.encode(hopLatency, forKey: .hopLatency)
    try values.encode(evidence, forKey: .evidence)
    try values.encode(claims, forKey: .claims)
    try values.encode(agreesWithPolicy, forKey: .agreesWithPolicy)
  }
}
