import CLinux
import Glibc

/// The side of an interface that a tc filter stands on.
public enum FilterDirection: Sendable, CaseIterable {
  case ingress, egress

  /// The parent handle of a clsact filter (tc(8)).
  var parent: UInt32 {
    let minor = self == .ingress ? CLINUX_MIN_INGRESS : CLINUX_MIN_EGRESS
    return 0xffff_0000 | UInt32(minor.rawValue)
  }
}

/// A BPF filter of a clsact queueing discipline.
public struct BPFFilter: Hashable, Sendable {
  public var ifindex: UInt32
  public var direction: FilterDirection
  public var priority: UInt16
  public var handle: UInt32
  /// What `tc filter show` prints; at most 255 octets.
  public var name: String
  /// The program's id, when read from the kernel.
  public var programID: UInt32?

  /// Describes a filter.
  public init(
    ifindex: UInt32, direction: FilterDirection, priority: UInt16, handle: UInt32, name: String,
    programID: UInt32? = nil
  ) {
    self.ifindex = ifindex
    self.direction = direction
    self.priority = priority
    self.handle = handle
    self.name = name
    self.programID = programID
  }
}

/// A queueing discipline, as far as clsact is concerned.
public struct QueueingDiscipline: Hashable, Sendable {
  public var ifindex: UInt32
  public var kind: String
}

/// One change to the filters of an interface.
public enum FilterChange: Sendable {
  /// Makes room for filters; fails with `EEXIST` where there is room already.
  case addClsact(ifindex: UInt32)
  case deleteClsact(ifindex: UInt32)
  /// Adds a direct-action filter with a loaded program.
  case addFilter(BPFFilter, programDescriptor: CInt)
  case deleteFilter(BPFFilter)
}

extension NetlinkSocket {
  /// ETH_P_ALL in network byte order, as a filter's protocol.
  private static let everyProtocol = UInt32(UInt16(0x0003).bigEndian)

  private func trafficControl(_ type: Int, flags: Int32, ifindex: UInt32, handle: UInt32, parent: UInt32, info: UInt32)
    -> MessageBuilder
  {
    var request = MessageBuilder(type: type, flags: Int(NLM_F_REQUEST | NLM_F_ACK | flags))
    request.append([UInt8](repeating: 0, count: 4))
    request.append(ifindex)
    request.append(handle)
    request.append(parent)
    request.append(info)
    return request
  }

  private func message(_ change: FilterChange) -> MessageBuilder {
    let clsact = UInt32(bitPattern: Int32(CLINUX_TC_H_CLSACT.rawValue))
    switch change {
    case .addClsact(let ifindex):
      var request = trafficControl(
        RTM_NEWQDISC, flags: NLM_F_CREATE | NLM_F_EXCL, ifindex: ifindex, handle: 0xffff_0000, parent: clsact,
        info: 0)
      request.attribute(TCA_KIND, "clsact")
      return request
    case .deleteClsact(let ifindex):
      return trafficControl(
        RTM_DELQDISC, flags: 0, ifindex: ifindex, handle: 0xffff_0000, parent: clsact, info: 0)
    case .addFilter(let filter, let descriptor):
      var request = trafficControl(
        RTM_NEWTFILTER, flags: NLM_F_CREATE | NLM_F_EXCL, ifindex: filter.ifindex, handle: filter.handle,
        parent: filter.direction.parent, info: UInt32(filter.priority) << 16 | Self.everyProtocol)
      request.attribute(TCA_KIND, "bpf")
      request.nested(TCA_OPTIONS) { options in
        options.attribute(TCA_BPF_FD, UInt32(bitPattern: descriptor))
        options.attribute(TCA_BPF_NAME, filter.name)
        options.attribute(TCA_BPF_FLAGS, UInt32(TCA_BPF_FLAG_ACT_DIRECT))
      }
      return request
    case .deleteFilter(let filter):
      var request = trafficControl(
        RTM_DELTFILTER, flags: 0, ifindex: filter.ifindex, handle: filter.handle,
        parent: filter.direction.parent, info: UInt32(filter.priority) << 16 | Self.everyProtocol)
      request.attribute(TCA_KIND, "bpf")
      return request
    }
  }

  /// Makes many changes in few system calls; returns for each its error, if any, in order.
  public func apply(_ changes: [FilterChange]) throws(NetlinkError) -> [NetlinkError?] {
    try requests(changes.map(message), "change tc filters")
  }

  /// The queueing disciplines of the namespace.
  public func queueingDisciplines() throws(NetlinkError) -> [QueueingDiscipline] {
    var request = MessageBuilder(type: RTM_GETQDISC, flags: Int(NLM_F_REQUEST | NLM_F_DUMP))
    request.append([UInt8](repeating: 0, count: 20))
    var disciplines: [QueueingDiscipline] = []
    try dump(request, "list the queueing disciplines") { message in
      guard Int(message.type) == RTM_NEWQDISC, message.payload.count >= 20,
        let ifindex = message.payload.integer(at: 4, as: UInt32.self),
        let kind = Attributes(message.payload.dropping(20))[TCA_KIND]?.text
      else { return }
      disciplines.append(QueueingDiscipline(ifindex: ifindex, kind: kind))
    }
    return disciplines
  }

  /// The BPF filters on one side of an interface; empty where it has no clsact.
  public func filters(ifindex: UInt32, direction: FilterDirection) throws(NetlinkError) -> [BPFFilter] {
    var request = MessageBuilder(type: RTM_GETTFILTER, flags: Int(NLM_F_REQUEST | NLM_F_DUMP))
    request.append([UInt8](repeating: 0, count: 4))
    request.append(ifindex)
    request.append(UInt32(0))
    request.append(direction.parent)
    request.append(UInt32(0))
    var filters: [BPFFilter] = []
    try dump(request, "list the tc filters of interface index \(ifindex)") { message in
      guard Int(message.type) == RTM_NEWTFILTER, message.payload.count >= 20,
        let handle = message.payload.integer(at: 8, as: UInt32.self),
        let info = message.payload.integer(at: 16, as: UInt32.self)
      else { return }
      let attributes = Attributes(message.payload.dropping(20))
      guard attributes[TCA_KIND]?.text == "bpf", handle != 0, let options = attributes.nested(TCA_OPTIONS) else {
        return
      }
      filters.append(
        BPFFilter(
          ifindex: ifindex, direction: direction, priority: UInt16(info >> 16), handle: handle,
          name: options[TCA_BPF_NAME]?.text ?? "", programID: options.integer(TCA_BPF_ID)))
    }
    return filters
  }
}
