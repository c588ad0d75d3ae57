/// What one tool took and gave in all rounds.
struct PeerResult: Encodable {
  let name: String
  /// The Debian package that is missing here: nothing was measured.
  let missing: String?
  let captures: Bool
  /// Nanoseconds that a frame's way takes longer than with nothing attached just before and after, by round.
  private(set) var added: [Double] = []
  /// Of one CPU, by round.
  private(set) var processorShare: [Double] = []
  /// MiB, by round; empty for what has no process.
  private(set) var resident: [Double] = []
  /// Of the frames sent, by round; empty for what does not say.
  private(set) var counted: [Double] = []
  /// Frames that were sent and that its counters lack, by round.
  private(set) var lost: [Int64] = []
  /// Frames per second, by round.
  private(set) var rate: [Double] = []

  init(_ peer: Peer) {
    name = peer.name
    captures = peer.captures
    missing = peer.isInstalled ? nil : peer.package
  }

  mutating func append(_ round: PeerRound, alone: Double) {
    added.append(round.cost - alone)
    processorShare.append(round.processorShare)
    if let memory = round.resident { resident.append(memory) }
    if let frames = round.counted {
      counted.append(Double(frames) / Double(round.sent))
      lost.append(Int64(round.sent) - Int64(frames))
    }
    rate.append(round.rate)
  }

  /// What this one adds as a multiple of what another adds in the same round.
  func ratio(to other: PeerResult) -> Spread { Spread(zip(added, other.added).map { $0 / max($1, 0.1) }) }
}
