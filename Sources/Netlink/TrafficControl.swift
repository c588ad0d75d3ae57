import CLinux
import Glibc

/// A queueing discipline of an interface (`RTM_NEWQDISC`, tc(8)).
public struct QueueingDiscipline: Hashable, Sendable {
  /// The interface.
  public var ifindex: UInt32
  /// "clsact", "noqueue", "fq_codel" and so on.
  public var kind: String
  /// Its number: `tc qdisc show` writes the upper half, in hexadecimal.
  public var handle: UInt32
  /// Where it stands: 0xffffffff is the root, 0xfffffff1 the place of clsact and ingress.
  public var parent: UInt32
  /// The filter block of its ingress side, when that is one that interfaces can share; filters are added to such a
  /// block by its number alone.
  public var ingressBlock: UInt32?
  /// The same of its egress side.
  public var egressBlock: UInt32?

  init?(_ message: Message) {
    guard let attributes = message.attributes(behind: 20),
      let ifindex = message.payload.integer(at: 4, as: UInt32.self),
      let handle = message.payload.integer(at: 8, as: UInt32.self),
      let parent = message.payload.integer(at: 12, as: UInt32.self), let kind = attributes[TCA_KIND]?.text
    else { return nil }
    self.ifindex = ifindex
    self.kind = kind
    self.handle = handle
    self.parent = parent
    ingressBlock = attributes.integer(TCA_INGRESS_BLOCK)
    egressBlock = attributes.integer(TCA_EGRESS_BLOCK)
  }

  /// Whether interfaces can share the block of one of its sides.
  public func isShared(_ direction: FilterDirection) -> Bool {
    (direction == .ingress ? ingressBlock : egressBlock) != nil
  }
}

extension NetlinkSocket {
  /// Makes many changes in few system calls; returns for each its error, if any, in order.
  ///
  /// A change that fails does not stop those behind it.
  public func apply(_ changes: [FilterChange]) throws(NetlinkError) -> [NetlinkError?] {
    try requests(changes.map(\.message), "change tc filters")
  }

  /// Makes one change.
  public func apply(_ change: FilterChange) throws(NetlinkError) {
    try request(change.message, "change tc filters")
  }

  /// The queueing disciplines of the namespace.
  public func queueingDisciplines() throws(NetlinkError) -> [QueueingDiscipline] {
    var request = MessageBuilder(type: RTM_GETQDISC, flags: NLM_F_REQUEST | NLM_F_DUMP)
    request.appendZeros(20)
    return try dump(request, "list the queueing disciplines") {
      $0.type == RTM_NEWQDISC ? QueueingDiscipline($0) : nil
    }
  }

  /// The BPF filters on one side of an interface; none where it has no clsact, or where it is gone.
  public func filters(ifindex: UInt32, direction: FilterDirection) throws(NetlinkError) -> [BPFFilter] {
    let request = Self.filterRequest(RTM_GETTFILTER, ifindex, direction)
    return try dump(request, "list the tc filters of interface number \(ifindex)") {
      $0.type == RTM_NEWTFILTER ? BPFFilter($0, direction) : nil
    }
  }
}
