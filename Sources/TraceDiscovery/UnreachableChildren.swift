import Netlink
import NetworkAddresses
import TraceModel

/// Children in namespaces that this process cannot see: the filters of the interfaces below hold their addresses.
enum UnreachableChildren {
  /// Where a MAC address is expected: an interface of the parent's namespace and an address in its filter.
  struct Trace: Hashable, Sendable {
    let ifindex: UInt32
    let mac: MACAddress
  }

  /// Reads the filters of all interfaces (`bridge fdb`: self permanent), without multicast.
  static func traces(_ socket: NetlinkSocket) throws(NetlinkError) -> Set<Trace> {
    Set(
      try socket.forwardingEntries().filter { $0.isSelfPermanent && !$0.mac.isMulticast }.map {
        Trace(ifindex: $0.ifindex, mac: $0.mac)
      })
  }

  /// Those traces on interfaces of the stack that none of the known interfaces accounts for.
  static func missing(_ traces: Set<Trace>, on stack: [Interface], in host: UInt64) -> Set<Trace> {
    let known = Set(stack.compactMap(\.mac))
    let carriers = Set(stack.filter { $0.id.namespace == host && !$0.kind.isChild }.map(\.id.ifindex))
    return traces.filter { carriers.contains($0.ifindex) && !known.contains($0.mac) }
  }

  /// Describes the children by their addresses, in the order of those.
  ///
  /// The address of a child on a VLAN stands in the parent's filter, too (vlan_dev_set_rx_mode in
  /// net/8021q/vlan_dev.c): it sits on the upper one.
  static func interfaces(_ missing: Set<Trace>, on stack: [Interface], in host: UInt64) -> [Interface] {
    // The parent stands first in the stack, what sits on it later.
    var lowers: [MACAddress: Interface] = [:]
    for lower in stack where lower.id.namespace == host {
      for trace in missing where trace.ifindex == lower.id.ifindex { lowers[trace.mac] = lower }
    }
    return lowers.sorted { $0.key < $1.key }.enumerated().map { index, entry in
      var child = Interface(
        id: InterfaceID(namespace: 0, ifindex: UInt32(index + 1)), name: "?",
        namespace: NamespaceLabel.unreachable, kind: .macvlan, mac: entry.key)
      child.parent = entry.value.id
      child.vlan = entry.value.vlan
      child.up = true
      child.carrier = true
      return child
    }
  }
}
