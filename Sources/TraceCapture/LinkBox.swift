import BPF

/// A link in a reference, as collections hold no noncopyable values. The program is detached with it.
final class LinkBox: Sendable {
  private let link: BPF.Link

  init(_ link: consuming BPF.Link) { self.link = link }

  /// False once the interface of a TCX link is gone.
  var isAttached: Bool { (try? link.isAttachedToInterface()) ?? false }

  /// The number of the TCX link's interface, in whatever namespace that lives by now; `nil` once it is gone.
  var attachedIfindex: UInt32? { (try? link.attachedIfindex()).flatMap { $0 } }
}
