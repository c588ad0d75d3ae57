/// What could not be recorded.
///
/// Counters are never part of a loss but for `counterKeysOverflowed`.
public struct Loss: Hashable, Codable, Sendable {
  /// Sightings, drops and neighbor events that were due and are missing: the sum of the causes below.
  public var sightingsDropped: UInt64 = 0
  /// Frames whose key found no room in the counting table: counted per interface, but not per key.
  public var counterKeysOverflowed: UInt64 = 0
  /// Octets of those frames.
  public var counterBytesOverflowed: UInt64 = 0
  /// Due, but over the budget per CPU and second, by class.
  public var overBudget: [String: UInt64] = [:]
  /// Due, but the ring buffer was full.
  public var ringFull: UInt64 = 0
  /// Frames that always explain (ARP, ND, ICMP) among the missing: while 0, not seen means not there.
  public var explainingFramesLost: UInt64 = 0
  /// Read, but refused as malformed.
  public var malformedRecords: UInt64 = 0
  /// Recorded, but given up for later ones: memory is bounded.
  public var forgotten: UInt64 = 0
  /// Runs of a tracing program that the kernel left out because it was already running on that CPU.
  public var missedRuns: UInt64 = 0
  /// Not due: ordinary frames that the hash did not select.
  ///
  /// Not a loss; shown for scale.
  public var sampledOut: UInt64 = 0
  /// Frames at a hook that belongs to no observed interface (an interface index reused in between).
  public var unknownHook: UInt64 = 0

  /// Changes of the network that had to make room for later ones.
  public var changesForgotten: UInt64 = 0

  /// Nothing lost.
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case sightingsDropped = "sightings_dropped"
    case counterKeysOverflowed = "counter_keys_overflowed"
    case counterBytesOverflowed = "counter_bytes_overflowed"
    case overBudget = "over_budget"
    case ringFull = "ring_full"
    case explainingFramesLost = "explaining_frames_lost"
    case malformedRecords = "malformed_records"
    case forgotten
    case missedRuns = "missed_runs"
    case sampledOut = "sampled_out"
    case unknownHook = "unknown_hook"
    case changesForgotten = "changes_forgotten"
  }

  /// Reads the JSON contract's form; keys that were added to the contract later may be absent.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let added = { (key: CodingKeys) throws in try values.decodeIfPresent(UInt64.self, forKey: key) ?? 0 }
    sightingsDropped = try values.decode(UInt64.self, forKey: .sightingsDropped)
    counterKeysOverflowed = try values.decode(UInt64.self, forKey: .counterKeysOverflowed)
    counterBytesOverflowed = try added(.counterBytesOverflowed)
    overBudget = try values.decodeIfPresent([String: UInt64].self, forKey: .overBudget) ?? [:]
    ringFull = try added(.ringFull)
    explainingFramesLost = try added(.explainingFramesLost)
    malformedRecords = try added(.malformedRecords)
    forgotten = try added(.forgotten)
    missedRuns = try added(.missedRuns)
    sampledOut = try added(.sampledOut)
    unknownHook = try added(.unknownHook)
    changesForgotten = try added(.changesForgotten)
  }
}
