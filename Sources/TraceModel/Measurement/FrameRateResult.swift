/// Frames of one size that were sent for a while, and those that arrived.
public struct FrameTrial: Hashable, Codable, Sendable {
  /// Frames per second that were to be sent; `nil`: as many as the sender can.
  public var wanted: Double?
  /// Frames that the kernel took from the sender.
  public var sent: UInt64
  /// Frames that came to the receiver.
  public var received: UInt64
  /// How long was sent, in seconds.
  public var seconds: Double
  /// The share of that time in which the sending thread ran, from 0 to 1: a sender that waits for a CPU is none that is
  /// slow.
  public var senderRan: Double?

  private enum CodingKeys: String, CodingKey {
    case wanted = "wanted_per_second"
    case sent, received, seconds
    case senderRan = "sender_ran"
  }

  /// States a trial.
  public init(wanted: Double?, sent: UInt64, received: UInt64, seconds: Double) {
    self.wanted = wanted
    self.sent = sent
    self.received = received
    self.seconds = seconds
  }

  /// Frames per second that were sent.
  public var sentPerSecond: Double { seconds > 0 ? Double(sent) / seconds : 0 }
  /// Frames per second that arrived.
  public var receivedPerSecond: Double { seconds > 0 ? Double(received) / seconds : 0 }
  /// Frames that did not arrive.
  public var lost: UInt64 { sent - min(sent, received) }
  /// Whether the sender got less than 95 percent of its wish sent: then the trial says nothing of that rate.
  public var isSenderStarved: Bool { wanted.map { sentPerSecond < $0 * 0.95 } ?? false }
}

/// How many frames of one size the path delivers.
public struct FrameRateResult: Hashable, Codable, Sendable {
  /// What bounds the loss-free rate.
  public enum Limit: String, Codable, Sendable {
    /// The sender had no more to give: the path may carry more.
    case sender
    /// The path, or its receiver, lost frames above it.
    case path
    /// `--rate`: no more was asked for.
    case rate
  }

  /// The octets of a frame, from its destination MAC to its end, FCS not included.
  public var size: Int
  /// As many frames as the sender can, or as `--rate` says.
  public var flood: FrameTrial
  /// The largest rate at which no frame was lost, in frames per second (RFC 2544, 26.1, with shorter trials); `nil` where
  /// every trial lost some, and where it was not looked for.
  public var lossFree: Double?
  /// What bounds `lossFree`.
  public var limit: Limit?
  /// The trials of the search, in order.
  public var trials: [FrameTrial]
  /// Processor time of a frame of the flood, in nanoseconds: that of the sending and the receiving thread, in whose time
  /// the kernel handles most frames, and of ksoftirqd.
  public var cpuNanoseconds: Double?

  private enum CodingKeys: String, CodingKey {
    case size = "frame_octets"
    case flood
    case lossFree = "loss_free_per_second"
    case limit, trials
    case cpuNanoseconds = "cpu_ns_per_frame"
  }

  /// States a result.
  public init(size: Int, flood: FrameTrial) {
    self.size = size
    self.flood = flood
    trials = []
  }
}
