/// The kernel's own counters of a link (`struct rtnl_link_stats64` in include/uapi/linux/if_link.h).
///
/// The receive counters of an Ethernet device count octets without the frame check sequence.
public struct LinkStatistics: Hashable, Sendable {
  /// Packets that came in.
  public var receivedPackets: UInt64
  /// Packets that went out.
  public var sentPackets: UInt64
  /// Octets that came in.
  public var receivedBytes: UInt64
  /// Octets that went out.
  public var sentBytes: UInt64
  /// Bad packets that came in.
  public var receiveErrors: UInt64
  /// Packets that could not be sent.
  public var sendErrors: UInt64
  /// Packets that came in and were dropped, for want of buffers or of somebody to take them.
  public var receiveDropped: UInt64
  /// Packets that were dropped on their way out.
  public var sendDropped: UInt64
  /// Multicast packets that came in, broadcasts included where the driver says so.
  public var receivedMulticast: UInt64
  /// Packets dropped because nobody handles them on an inactive port (`rx_nohandler`).
  public var receivedWithoutHandler: UInt64?
  /// Packets for another host's MAC address (`rx_otherhost_dropped`); `nil` before Linux 5.19.
  public var receivedForOtherHost: UInt64?

  /// Reads the members by their position; the last ones came with later kernels.
  init?(_ octets: Octets) {
    let member = { (index: Int) in octets.integer(at: index * 8, as: UInt64.self) }
    guard let receivedPackets = member(0), let sentPackets = member(1), let receivedBytes = member(2),
      let sentBytes = member(3), let receiveErrors = member(4), let sendErrors = member(5),
      let receiveDropped = member(6), let sendDropped = member(7), let receivedMulticast = member(8)
    else { return nil }
    self.receivedPackets = receivedPackets
    self.sentPackets = sentPackets
    self.receivedBytes = receivedBytes
    self.sentBytes = sentBytes
    self.receiveErrors = receiveErrors
    self.sendErrors = sendErrors
    self.receiveDropped = receiveDropped
    self.sendDropped = sendDropped
    self.receivedMulticast = receivedMulticast
    receivedWithoutHandler = member(23)
    receivedForOtherHost = member(24)
  }
}
