import CLibBPF
import SystemPackage

/// A program's attachment as a classifier at an interface's clsact (Linux 4.5), in direct action mode: what kernels
/// without TCX have.
///
/// It ends when this value does, which must be on a thread in the interface's network namespace. Unlike a `Link` it
/// outlives a process that is killed, and the clsact stays, as others may have filters there.
public struct TCFilter: ~Copyable, Sendable {
  private let ifindex: UInt32
  private let direction: AttachDirection
  /// The filter's priority, as `tc filter show` prints it (`pref`).
  public let priority: UInt32
  /// The filter's handle, as `tc filter show` prints it.
  public let handle: UInt32

  fileprivate init(_ ifindex: UInt32, _ direction: AttachDirection, _ priority: UInt32, _ handle: UInt32) {
    self.ifindex = ifindex
    self.direction = direction
    self.priority = priority
    self.handle = handle
  }

  private func remove() -> CInt {
    clibbpf_tc_detach(CInt(bitPattern: ifindex), direction.isEgress, priority, handle)
  }

  /// Removes the filter, and says why it could not: `ENOENT` where somebody else did.
  public consuming func detach() throws(BPFError) {
    let result = remove()
    let what = "remove the tc filter of interface index \(ifindex) (\(direction))"
    discard self
    guard result == 0 else { throw BPFError(.attach, what, errno: Errno(rawValue: -result)) }
  }

  deinit {
    _ = remove()
  }
}

extension Program {
  /// Attaches a tc program to an interface of the calling thread's network namespace by a filter of its clsact, which
  /// is made where it is missing.
  ///
  /// - Parameter priority: 1 to 65535, the lowest runs first; 0 lets the kernel choose one before all others.
  /// - Throws: `EINVAL` or `ENODEV` where there is no such interface.
  public func attachFilter(ifindex: UInt32, direction: AttachDirection, priority: UInt32 = 0)
    throws(BPFError) -> TCFilter
  {
    let index = CInt(bitPattern: ifindex)
    var (priority, handle) = (priority, UInt32(0))
    var result = clibbpf_tc_prepare(index, direction.isEgress)
    if result == 0 {
      result = unsafe clibbpf_tc_attach(
        descriptor.rawValue, index, direction.isEgress, &priority, &handle)
    }
    guard result == 0 else {
      throw BPFError(
        .attach, "attach \(name) to interface index \(ifindex) (\(direction), tc filter)",
        errno: Errno(rawValue: -result))
    }
    return TCFilter(ifindex, direction, priority, handle)
  }
}
