import CLibBPF
import Glibc
import SystemPackage

/// The side of an interface that a tc program stands on.
public enum AttachDirection: Sendable {
  case ingress, egress

  /// The attach type of a TCX link (`enum bpf_attach_type`).
  var tcx: CInt {
    switch self {
    case .ingress: CInt(CLIBBPF_TCX_INGRESS.rawValue)
    case .egress: CInt(CLIBBPF_TCX_EGRESS.rawValue)
    }
  }

  /// 1 for egress, else 0, as C says it.
  var isEgress: CInt { self == .egress ? 1 : 0 }
}

/// Where in the order of an interface's TCX programs a new one goes. The kernel holds 64 of them at most.
public enum AttachPosition: Sendable, Hashable {
  /// Behind all others.
  case last
  /// Before all others, until another comes first.
  case first
  /// Before or behind a program that is attached there, by its id (`Program.Information.id`).
  case before(UInt32), after(UInt32)

  /// The flags (BPF_F_BEFORE, BPF_F_AFTER, BPF_F_ID) and the id of the program that they relate to.
  var encoded: (flags: UInt32, relativeID: UInt32) {
    switch self {
    case .last: (CLIBBPF_AFTER.rawValue, 0)
    case .first: (CLIBBPF_BEFORE.rawValue, 0)
    case .before(let id): (CLIBBPF_BEFORE.rawValue | CLIBBPF_ID.rawValue, id)
    case .after(let id): (CLIBBPF_AFTER.rawValue | CLIBBPF_ID.rawValue, id)
    }
  }
}

/// A program's attachment: it ends when this value does, and when the process does.
public struct Link: ~Copyable, Sendable {
  private let descriptor: Descriptor

  init(owning fileDescriptor: CInt) {
    descriptor = Descriptor(owning: fileDescriptor)
  }

  /// The kernel's id of the link, as `bpftool link` shows it. Throws `EINVAL` for what `enableStatistics` gave.
  public func id() throws(BPFError) -> UInt32 { try information().id }

  /// Whether the interface of a TCX link is still there: the kernel ends the attachment with the interface, the link
  /// itself stays. Means nothing for other links.
  public func isAttachedToInterface() throws(BPFError) -> Bool { try attachedIfindex() != nil }

  /// The number of a TCX link's interface, which may have moved to another network namespace; `nil` once it is gone.
  public func attachedIfindex() throws(BPFError) -> UInt32? {
    // `tcx.ifindex` stands where `xdp.ifindex` does, which older headers know (include/uapi/linux/bpf.h).
    let ifindex = try information().xdp.ifindex
    return ifindex == 0 ? nil : ifindex
  }

  private func information() throws(BPFError) -> bpf_link_info {
    var info = bpf_link_info()
    let result = unsafe clibbpf_link_info(descriptor.rawValue, &info)
    guard result == 0 else {
      throw BPFError(.attach, "information about a link", errno: Errno(rawValue: -result))
    }
    return info
  }
}

extension Program {
  /// Attaches a tc program to an interface of the calling thread's network namespace by a TCX link (Linux 6.6).
  ///
  /// The kernel waits for an RCU grace period: 10 to 20 ms for each call. Throws `EINVAL` where the kernel has no
  /// TCX, `ENODEV` where the interface is gone, `ENOENT` where the program that `position` names is not attached
  /// there, and `EEXIST` where this program is.
  public func attachTCX(ifindex: UInt32, direction: AttachDirection, position: AttachPosition = .last)
    throws(BPFError) -> Link
  {
    let (flags, relativeID) = position.encoded
    let result = clibbpf_attach_tcx(
      descriptor.rawValue, CInt(bitPattern: ifindex), UInt32(direction.tcx), flags, relativeID)
    guard result >= 0 else {
      throw BPFError(
        .attach, "attach \(name) to interface index \(ifindex) (\(direction), TCX)",
        errno: Errno(rawValue: -result))
    }
    return Link(owning: result)
  }

  /// Attaches a `tp_btf` or `raw_tp` program to the tracepoint that its section names.
  public func attachTracing() throws(BPFError) -> Link {
    let result = bpf_raw_tracepoint_open(nil, descriptor.rawValue)
    guard result >= 0 else {
      throw BPFError(.attach, "attach \(name) to its tracepoint", errno: Errno(rawValue: -result))
    }
    return Link(owning: result)
  }

  /// The ids of the programs at an interface's TCX hook, in the order in which they run.
  public static func attachedTCX(ifindex: UInt32, direction: AttachDirection) throws(BPFError) -> [UInt32] {
    var count: UInt32 = 64
    var ids = [UInt32](repeating: 0, count: Int(count))
    let result = unsafe clibbpf_query(CInt(bitPattern: ifindex), direction.tcx, &ids, &count)
    guard result == 0 else {
      throw BPFError(.attach, "query TCX of interface index \(ifindex)", errno: Errno(rawValue: -result))
    }
    return Array(ids.prefix(Int(count)))
  }
}
