import CLinux

/// What a macvlan can have beside its mode (ip-link(8)); what is `nil` is left to the kernel.
public struct MacvlanOptions: Sendable {
  /// `IFLA_MACVLAN_FLAGS`: 1 NOPROMISC, 2 NODST.
  public var flags: UInt16 = 0
  /// How many broadcasts it wants queued at its parent; 1000 by default (Linux 5.11).
  public var broadcastQueueLength: UInt32?
  /// How many children a broadcast may have and still bypass the queue; negative: however many; 1 by default
  /// (Linux 6.4). Children of one parent have it in common.
  public var broadcastCutoff: Int32?

  /// The kernel's defaults.
  public init() {}

  func append(to data: inout MessageBuilder) {
    if flags != 0 { data.attribute(IFLA_MACVLAN_FLAGS, flags) }
    if let broadcastQueueLength { data.attribute(IFLA_MACVLAN_BC_QUEUE_LEN, broadcastQueueLength) }
    if let broadcastCutoff { data.attribute(Int(CLINUX_IFLA_MACVLAN_BC_CUTOFF.rawValue), broadcastCutoff) }
  }
}
