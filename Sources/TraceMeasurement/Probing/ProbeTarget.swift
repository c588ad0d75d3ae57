public import NetworkAddresses
public import TraceModel

/// Where probes go, and how.
public struct ProbeTarget: Hashable, Sendable {
  /// The address that is asked.
  public var address: IPAddress
  /// How it is asked.
  public var `protocol`: ProbeProtocol
  /// The port; `nil` for ICMP.
  public var port: UInt16?
  /// The sender's address; `nil`: the one that its route gives it.
  public var source: IPAddress?
  /// The number of the sender's interface, for an address that is valid on one link alone; else 0.
  public var scope: UInt32
  /// The TTL or hop limit of its packets; `nil`: the sender's default. TCP has none of its own.
  public var hopLimit: UInt8?
  /// Whether an `ProbeResponder` is there: a connection is answered then when what was sent on it came back, not when it
  /// stands.
  public var isEchoed: Bool

  /// Describes a target.
  public init(
    _ address: IPAddress, _ protocol: ProbeProtocol, port: UInt16? = nil, source: IPAddress? = nil,
    scope: UInt32 = 0, hopLimit: UInt8? = nil, isEchoed: Bool = false
  ) {
    self.address = address
    self.protocol = `protocol`
    self.port = port
    self.source = source
    self.scope = scope
    self.hopLimit = hopLimit
    self.isEchoed = isEchoed
  }
}
