import BPF
import LinuxNamespaces
import Netlink

/// Programs that stay attached for as long as it lives.
final class Attachment: Sendable {
  private let link: BPF.Link
  private let next: Attachment?

  /// Attaches a program to one side of an interface of the calling thread's namespace, before others.
  init(_ program: Program, _ ifindex: UInt32, _ side: AttachDirection, and next: Attachment? = nil) throws {
    link = try program.attachTCX(ifindex: ifindex, direction: side, position: .first)
    self.next = next
  }

  /// The same for both sides.
  private static func bothSides(_ program: Program, _ ifindex: UInt32, and next: Attachment? = nil) throws
    -> Attachment
  {
    try Attachment(program, ifindex, .egress, and: try Attachment(program, ifindex, .ingress, and: next))
  }

  /// Attaches a program where macvtrace has its own: to both sides of the parent and of its child.
  static func hooks(_ program: Program, parent: NetworkNamespace, child: NetworkNamespace) throws
    -> Attachment
  {
    let atChild = try child.run { try bothSides(program, NetlinkSocket().link(named: "eth0").ifindex) }
    return try parent.run {
      try bothSides(program, NetlinkSocket().link(named: BenchNetwork.parent).ifindex, and: atChild)
    }
  }
}
