import CLinux
import Glibc

/// One change to the filters of an interface.
public enum FilterChange: Sendable {
  /// Makes room for filters on both sides; fails with `EEXIST` where there is room already.
  case addClsact(ifindex: UInt32)
  /// Takes the room away, with every filter in it, whoever put it there.
  case deleteClsact(ifindex: UInt32)
  /// Adds a direct-action filter with a loaded program; fails with `EEXIST` where the handle is taken.
  case addFilter(BPFFilter, programDescriptor: CInt)
  /// Removes the filter of that interface, direction, priority and handle; fails with `ENOENT` without one.
  case deleteFilter(BPFFilter)

  /// ETH_P_ALL in network byte order, as a filter's protocol.
  private static let everyProtocol = UInt32(UInt16(0x0003).bigEndian)
  /// The handle of clsact, of which there is one for each interface.
  private static let clsact: UInt32 = 0xffff_0000

  /// The request that makes the change.
  var message: MessageBuilder {
    let clsactParent = UInt32(bitPattern: CLINUX_TC_H_CLSACT.rawValue)
    switch self {
    case .addClsact(let ifindex):
      var request = Self.request(
        RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex, handle: Self.clsact, parent: clsactParent)
      request.attribute(TCA_KIND, "clsact")
      return request
    case .deleteClsact(let ifindex):
      return Self.request(RTM_DELQDISC, 0, ifindex, handle: Self.clsact, parent: clsactParent)
    case .addFilter(let filter, let descriptor):
      var request = Self.request(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, filter)
      request.nested(TCA_OPTIONS) { options in
        options.attribute(TCA_BPF_FD, UInt32(bitPattern: descriptor))
        options.attribute(TCA_BPF_NAME, filter.name)
        if filter.classID != 0 { options.attribute(TCA_BPF_CLASSID, filter.classID) }
        options.attribute(TCA_BPF_FLAGS, UInt32(TCA_BPF_FLAG_ACT_DIRECT))
      }
      return request
    case .deleteFilter(let filter):
      return Self.request(RTM_DELTFILTER, 0, filter)
    }
  }

  private static func request(_ type: Int, _ how: Int32, _ filter: BPFFilter) -> MessageBuilder {
    var request = request(
      type, how, filter.ifindex, handle: filter.handle, parent: filter.direction.parent,
      information: UInt32(filter.priority) << 16 | everyProtocol)
    request.attribute(TCA_KIND, "bpf")
    return request
  }

  /// Begins a request with `struct tcmsg`.
  private static func request(
    _ type: Int, _ how: Int32, _ ifindex: UInt32, handle: UInt32, parent: UInt32, information: UInt32 = 0
  ) -> MessageBuilder {
    var request = MessageBuilder(type: type, flags: NLM_F_REQUEST | NLM_F_ACK | how)
    request.appendZeros(4)
    request.append(ifindex)
    request.append(handle)
    request.append(parent)
    request.append(information)
    return request
  }
}
