import NetworkAddresses
import TraceModel

/// What rules on multicast ask.
extension DiagnosisContext {
  /// Frames of one sender for one group that a hook counted: exact. At the parent those of its VLANs are not among them.
  func frames(at hook: Hook, from source: MACAddress? = nil, to group: MACAddress) -> UInt64 {
    observation.counters.reduce(0) { sum, counter in
      counter.interface == hook.interface && counter.direction == hook.direction
        && counter.destination == group && (counter.vlan == nil || counter.interface != parent.id)
        && (source == nil || counter.source == source)
        ? sum + counter.frames : sum
    }
  }

  /// Whether an interface takes frames for that group, before and after; `nil` where its filter was not read.
  func isMember(_ interface: InterfaceID, of group: MACAddress) -> Bool? {
    guard let last = state(interface.namespace)?.groups, let first = stateBefore(interface.namespace)?.groups
    else { return nil }
    let membership = GroupMembership(interface: interface, mac: group)
    return first.contains(membership) || last.contains(membership)
  }
}
