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

  /// Describes a target.
  public init(
    _ address: IPAddress, _ protocol: ProbeProtocol, port: UInt16? = nil, source: IPAddress? = nil,
    scope: UInt32 = 0
  ) {
    self.address = address
    self.protocol = `protocol`
    self.port = port
    self.source = source
    self.scope = scope
  }
}
