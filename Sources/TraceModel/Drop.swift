/// A buffer that the kernel freed as a loss (`skb:kfree_skb`).
public struct Drop: Hashable, Codable, Sendable {
  /// Nanoseconds of CLOCK_MONOTONIC.
  public var time: UInt64
  /// The same hash as in `Sighting`; `nil` when the buffer's headers could not be read.
  public var packetID: UInt64?
  /// The inode of the network namespace.
  public var namespace: UInt64
  /// The device of the buffer, where it had one.
  public var interface: InterfaceID?
  /// The name in the running kernel's `enum skb_drop_reason`, without its prefix: `NEIGH_FAILED`;
  /// `nil` where the kernel has no reasons (before 5.17).
  public var reason: String?
  /// The kernel function that freed the buffer, where /proc/kallsyms tells: a hint, as names change.
  public var location: String?
  /// What the buffer held; `nil` when its headers could not be read.
  public var frame: Frame?

  /// Makes a drop.
  public init(
    time: UInt64, packetID: UInt64?, namespace: UInt64, interface: InterfaceID?, reason: String?,
    location: String?, frame: Frame?
  ) {
    self.time = time
    self.packetID = packetID
    self.namespace = namespace
    self.interface = interface
    self.reason = reason
    self.location = location
    self.frame = frame
  }
}
