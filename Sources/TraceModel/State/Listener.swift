public import NetworkAddresses

/// A socket that waits for whoever comes.
public struct Listener: Hashable, Codable, Sendable {
  /// `tcp` or `udp`.
  public var `protocol`: ProbeProtocol
  /// The address that it is bound to; unspecified: every address.
  public var address: IPAddress
  /// Its port.
  public var port: UInt16

  /// Describes a socket.
  public init(_ protocol: ProbeProtocol, _ address: IPAddress, _ port: UInt16) {
    self.protocol = `protocol`
    self.address = address
    self.port = port
  }
}

/// The queues by which frames come in from the devices of the whole machine (/proc/net/softnet_stat).
public struct BacklogCounters: Hashable, Codable, Sendable {
  /// Frames dropped because a CPU's queue was full.
  public var dropped: UInt64
  /// How often a CPU had to stop before its queue was empty.
  public var squeezed: UInt64

  /// States the counters, all CPUs' sum.
  public init(dropped: UInt64, squeezed: UInt64) {
    self.dropped = dropped
    self.squeezed = squeezed
  }
}
