import CLinux

/// What a bridge makes of one of its ports (`IFLA_BRPORT_*` in include/uapi/linux/if_link.h).
public struct BridgePort: Hashable, Sendable {
  /// `BR_STATE_*`: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking.
  public var state: UInt8
  /// Whether a frame may leave where it came from (reflective relay, IEEE 802.1Q 5.23).
  public var isHairpin: Bool

  init?(_ attributes: Attributes) {
    guard let state = attributes.integer(IFLA_BRPORT_STATE, as: UInt8.self) else { return nil }
    self.state = state
    isHairpin = attributes.integer(IFLA_BRPORT_MODE, as: UInt8.self) == 1
  }
}
