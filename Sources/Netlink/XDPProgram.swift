import CLinux

/// An XDP program of a link (`IFLA_XDP`).
public struct XDPProgram: Hashable, Sendable {
  /// Where it runs (`IFLA_XDP_ATTACHED`).
  public enum Mode: String, Sendable {
    /// In the driver, before there is a buffer for the frame.
    case driver
    /// In the stack, where every driver's frames pass ("skb mode").
    case generic
    /// In the network card.
    case offload
  }

  /// Where it runs.
  public var mode: Mode
  /// The program's id.
  public var programID: UInt32

  /// Names a program.
  public init(mode: Mode, programID: UInt32) {
    self.mode = mode
    self.programID = programID
  }

  /// Reads what stands in `IFLA_XDP`, in the order in which a frame meets them; none where the link has none.
  static func list(_ attributes: Attributes) -> [XDPProgram] {
    let modes = [
      (IFLA_XDP_HW_PROG_ID, Mode.offload), (IFLA_XDP_DRV_PROG_ID, .driver), (IFLA_XDP_SKB_PROG_ID, .generic),
    ]
    return modes.compactMap { type, mode in
      attributes.integer(type, as: UInt32.self).map { XDPProgram(mode: mode, programID: $0) }
    }
  }
}
