import LinuxNamespaces
import Netlink
import NetworkAddresses
public import TraceModel

/// Reads what rules ask of namespaces beside the topology, once before and once after the observation.
public enum StateCollector {
  /// The most namespaces that are read: hundreds would delay attaching.
  public static let limit = 64

  /// The state of the topology's namespaces, those of its first interfaces where there are too many.
  ///
  /// One that cannot be entered any more is left out.
  public static func states(of topology: Topology) -> [SystemState] {
    inParallel(Array(topology.namespaces.prefix(limit))) { namespace in
      let inode = namespace.id
      return try? namespace.open()?.run { SystemState(readingCurrent: inode) }
    }.compactMap(\.self)
  }

  /// That some were not read; `nil` where all were.
  public static func limitation(of topology: Topology) -> Degradation? {
    let count = topology.namespaces.count
    return count <= limit
      ? nil
      : Degradation(
        feature: "system state",
        consequence: "only \(limit) of \(count) namespaces were asked for their counters and filters")
  }
}

extension NamespaceState {
  /// Opens it by what it was called when it was seen; `nil` where it has ended since.
  func open() -> NetworkNamespace? { .withInode(id, name: netnsName, pid: pid) }
}

extension SystemState {
  /// Reads the calling thread's namespace, which has that inode.
  fileprivate init(readingCurrent inode: UInt64) {
    self.init(namespace: inode)
    counters = ProtocolCounters.read()
    filters = PacketFilters(readingCurrent: ())
    connections = ConnectionTracking(readingCurrent: ())
    listeners = Listener.readCurrent()
    backlog = BacklogCounters(readingCurrent: ())
    groups = GroupMembership.readCurrent(inode)
    takesVLANs = VLANSupport.isThere
    guard let socket = try? NetlinkSocket() else { return }
    routingRules = ((try? socket.policyRules()) ?? []).map { RoutingRule($0) }
    unusableAddresses = ((try? socket.addresses()) ?? []).filter { $0.isTentative || $0.isDuplicate }.map {
      UnusableAddress(
        interface: InterfaceID(namespace: inode, ifindex: $0.ifindex), address: $0.prefix.address,
        isDuplicate: $0.isDuplicate)
    }
  }
}

extension RoutingRule {
  fileprivate init(_ rule: PolicyRule) {
    self.init(
      priority: rule.priority, isIPv4: rule.isIPv4, source: rule.source, destination: rule.destination,
      action: rule.actionName, table: rule.action == 1 ? rule.table : 0, mark: rule.mark,
      inputInterface: rule.inputInterface, outputInterface: rule.outputInterface, isInverted: rule.isInverted)
  }
}
