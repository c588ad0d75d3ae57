import BPF

/// Programs that stay attached for as long as it lives.
final class Attachment: Sendable {
  private let link: Link
  private let next: Attachment?

  /// Attaches a program to one side of an interface of the calling thread's namespace, before others.
  init(_ program: Program, _ ifindex: UInt32, _ side: AttachDirection, and next: Attachment? = nil) throws {
    link = try program.attachTCX(ifindex: ifindex, direction: side, position: .first)
    self.next = next
  }

  /// The same for both sides.
  static func bothSides(_ program: Program, _ ifindex: UInt32, and next: Attachment? = nil) throws -> Attachment {
    try Attachment(program, ifindex, .egress, and: try Attachment(program, ifindex, .ingress, and: next))
  }
}
