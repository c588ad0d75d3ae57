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
}

/// A program's attachment: it ends when this value does, and when the process does.
public struct Link: ~Copyable, Sendable {
  private let descriptor: Descriptor

  init(owning fileDescriptor: CInt) {
    descriptor = Descriptor(owning: fileDescriptor)
  }
}

extension Program {
  /// Attaches a tc program to an interface of the calling thread's network namespace by a TCX link (Linux 6.6).
  ///
  /// The kernel waits for an RCU grace period: 10 to 20 ms for each call. Throws `EINVAL` where the kernel has no
  /// TCX and `ENODEV` where the interface is gone.
  public func attachTCX(ifindex: UInt32, direction: AttachDirection) throws(BPFError) -> Link {
    let result = bpf_link_create(
      descriptor.rawValue, CInt(bitPattern: ifindex), bpf_attach_type(rawValue: UInt32(direction.tcx)), nil)
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
