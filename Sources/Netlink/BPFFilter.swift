import CLinux

/// The side of an interface that a tc filter stands on.
public enum FilterDirection: Sendable, CaseIterable {
  /// What comes in.
  case ingress
  /// What goes out.
  case egress

  /// The parent of a clsact filter: the qdisc's major number and one of its two hooks (pkt_sched.h).
  var parent: UInt32 {
    let minor = self == .ingress ? CLINUX_MIN_INGRESS : CLINUX_MIN_EGRESS
    return 0xffff_0000 | UInt32(minor.rawValue)
  }
}

/// A BPF filter of a clsact queueing discipline, for frames of every protocol (tc-bpf(8)).
public struct BPFFilter: Hashable, Sendable {
  /// The interface.
  public var ifindex: UInt32
  /// On which side it stands.
  public var direction: FilterDirection
  /// Of several filters the lower number comes first (`pref`).
  public var priority: UInt16
  /// Its number among the filters of that priority.
  public var handle: UInt32
  /// What `tc filter show` prints; at most 255 octets.
  public var name: String
  /// What the kernel hands to the program with each frame, as `tc_classid`; 0: nothing.
  public var classID: UInt32
  /// The program's id, when read from the kernel.
  public var programID: UInt32?

  /// Describes a filter.
  public init(
    ifindex: UInt32, direction: FilterDirection, priority: UInt16, handle: UInt32, name: String,
    classID: UInt32 = 0, programID: UInt32? = nil
  ) {
    self.ifindex = ifindex
    self.direction = direction
    self.priority = priority
    self.handle = handle
    self.name = name
    self.classID = classID
    self.programID = programID
  }

  /// Reads `struct tcmsg` and the attributes behind it; `nil` for another kind of filter, or one cut off.
  init?(_ message: Message, _ direction: FilterDirection) {
    // The kernel also lists, with handle 0, the chain that holds the filters of one priority.
    guard let attributes = message.attributes(behind: 20), attributes[TCA_KIND]?.text == "bpf",
      let options = attributes.nested(TCA_OPTIONS),
      let ifindex = message.payload.integer(at: 4, as: UInt32.self),
      let handle = message.payload.integer(at: 8, as: UInt32.self), handle != 0,
      let information = message.payload.integer(at: 16, as: UInt32.self)
    else { return nil }
    self.init(
      ifindex: ifindex, direction: direction, priority: UInt16(information >> 16), handle: handle,
      name: options[TCA_BPF_NAME]?.text ?? "", classID: options.integer(TCA_BPF_CLASSID) ?? 0,
      programID: options.integer(TCA_BPF_ID))
  }
}
