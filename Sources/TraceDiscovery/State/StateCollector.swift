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
  ///
  /// - Parameter limitations: where to say that some were not read.
  public static func states(of topology: Topology, limitations: inout [Degradation]) -> [SystemState] {
    let inodes = topology.namespaces.map(\.id)
    if inodes.count > limit {
      limitations.append(
        Degradation(
          feature: "system state",
          consequence: "only \(limit) of \(inodes.count) namespaces were asked for their counters and filters"
        ))
    }
    let wanted = Set(inodes.prefix(limit))
    var states: [UInt64: SystemState] = [:]
    for found in NamespaceScan().namespaces where wanted.contains(found.identity.inode) {
      let inode = found.identity.inode
      let read = { @Sendable () throws -> SystemState in SystemState(readingCurrent: inode) }
      let state = found.isCurrent ? try? read() : try? found.visit(read)
      if let state { states[inode] = state }
    }
    return inodes.compactMap { states[$0] }
  }
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
