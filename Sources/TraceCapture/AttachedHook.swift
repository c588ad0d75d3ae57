import BPF
import LinuxNamespaces
import Netlink
import NetworkAddresses
import TraceModel

/// A program of ours on one side of an interface.
struct AttachedHook {
  /// How it is attached.
  enum Attachment {
    case link(LinkBox)
    case filter(BPFFilter)
  }

  let attachment: Attachment
  /// The program's id.
  let programID: UInt32

  /// The filter; `nil` for a link.
  var filter: BPFFilter? { if case .filter(let filter) = attachment { filter } else { nil } }

  /// Whether it has ended; `nil` for a filter, which only a look into its namespace tells.
  var hasEnded: Bool? {
    switch attachment {
    case .link(let link): !link.isAttached
    case .filter: nil
    }
  }

  /// The number of a link's interface, in whatever namespace that lives by now; `nil` once it is gone, and for a filter.
  var attachedIfindex: UInt32? { if case .link(let link) = attachment { link.attachedIfindex } else { nil } }

  /// Where it stands among others.
  var standing: Standing {
    switch attachment {
    case .link: .tcx
    case .filter(let filter): .filter(priority: filter.priority)
    }
  }
}

/// What is attached to one interface.
struct InterfaceHooks {
  var hooks: [Direction: AttachedHook] = [:]
  /// Where a program stood that somebody removed: it is not attached there again.
  var removed: [Direction: Standing] = [:]
  /// Whether we, or a capture that we met, made the clsact.
  var madeClsact = false
  /// Which interface it is, also when another has its numbers.
  var identity: InterfaceIdentity
  /// When its filters were attached or last looked for, in nanoseconds of CLOCK_MONOTONIC.
  var found = MonotonicClock.now()

  var mechanism: HookMechanism? {
    hooks.values.first.map { if case .link = $0.attachment { .tcx } else { .clsact } }
  }
}

/// Tells an interface from another that was given its namespace's inode and its index later.
struct InterfaceIdentity: Equatable {
  /// Never given again; `nil` before Linux 5.14.
  var namespaceCookie: UInt64?
  let mac: MACAddress?
}
