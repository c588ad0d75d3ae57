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
    var request = MessageBuilder(type: RTM_GETTFILTER, flags: NLM_F_REQUEST | NLM_F_DUMP)
    request.appendZeros(4)
    request.append(ifindex)
    request.append(UInt32(0))
    request.append(direction.parent)
    request.append(UInt32(0))
    return try dump(request, "list the tc filters of interface number \(ifindex)") {
      $0.type == RTM_NEWTFILTER ? BPFFilter($0, direction) : nil
    }
  }
}
