/// Which way a load goes.
public enum LoadDirection: String, Codable, Sendable {
  /// From A to B.
  case forward
  /// From B to A.
  case reverse
}

/// What a stream of iperf3 carried.
public struct ThroughputResult: Hashable, Codable, Sendable {
  /// How a stream is carried.
  public enum Transport: String, Codable, Sendable { case tcp, udp }

  /// How the stream is carried.
  public var transport: Transport
  /// Which way it goes.
  public var direction: LoadDirection
  /// How long it was measured, in seconds.
  public var seconds: Double
  /// What arrived, in bit/s of payload (iperf3: `sum_received`; for UDP what was sent less what was lost).
  public var bitsPerSecond: Double
  /// UDP: what was sent, in bit/s of payload.
  public var offeredBitsPerSecond: Double?
  /// TCP: segments that were sent again.
  public var retransmits: UInt64?
  /// UDP: datagrams that were sent.
  public var datagrams: UInt64?
  /// UDP: datagrams that did not arrive.
  public var lostDatagrams: UInt64?
  /// UDP: RFC 3550's estimate (6.4.1), in microseconds.
  public var jitter: Double?
  /// What the sending iperf3 took of one CPU, in percent.
  public var senderCPU: Double?
  /// What the receiving iperf3 took of one CPU, in percent.
  public var receiverCPU: Double?

  private enum CodingKeys: String, CodingKey {
    case transport = "protocol"
    case direction, seconds
    case bitsPerSecond = "bits_per_second"
    case offeredBitsPerSecond = "offered_bits_per_second"
    case retransmits, datagrams
    case lostDatagrams = "lost_datagrams"
    case jitter = "jitter_us"
    case senderCPU = "sender_cpu_percent"
    case receiverCPU = "receiver_cpu_percent"
  }

  /// States what a stream carried.
  public init(
    _ transport: Transport, _ direction: LoadDirection, seconds: Double, bitsPerSecond: Double
  ) {
    self.transport = transport
    self.direction = direction
    self.seconds = seconds
    self.bitsPerSecond = bitsPerSecond
  }

  /// UDP: the share of datagrams that did not arrive, from 0 to 1.
  public var loss: Double? {
    guard let datagrams, let lostDatagrams, datagrams > 0 else { return nil }
    return Double(lostDatagrams) / Double(datagrams)
  }
}
