import BPF
import Glibc
import LinuxNamespaces
import Netlink
import SystemPackage
import TraceModel

/// How a hook is attached.
public enum HookMechanism: String, Sendable {
  /// Ordered, and gone with the process (Linux 6.6).
  case tcx = "TCX link"
  /// Outlives a killed process, until the next start sweeps it.
  case clsact = "clsact filter"
}

/// Keeps the frame programs attached to interfaces, in whatever namespace they live.
final class FrameHooks {

  private var links: [InterfaceID: [LinkBox]] = [:]
  private var filters: [InterfaceID: (filters: [BPFFilter], madeClsact: Bool)] = [:]
  /// What one TCX attachment took, in nanoseconds; `nil` before the first.
  private(set) var tcxCost: UInt64?
  private var hasTCX = true

  /// Attaching may take this long altogether before the cheaper, less crash-safe way is taken.
  private static let patience: UInt64 = 250_000_000

  var attached: Set<InterfaceID> { Set(links.keys).union(filters.keys) }

  /// How an interface is attached.
  func mechanism(_ interface: InterfaceID) -> HookMechanism? {
    if links[interface] != nil { return .tcx }
    return filters[interface] != nil ? .clsact : nil
  }

  /// What to use for that many more interfaces: TCX where the kernel has it and its measured cost, two RCU grace
  /// periods for each interface, stays within patience.
  func choice(for count: Int) -> HookMechanism {
    guard hasTCX else { return .clsact }
    guard let tcxCost else { return .tcx }
    return tcxCost * 2 * UInt64(count) <= Self.patience ? .tcx : .clsact
  }

  /// Attaches one interface's two hooks by TCX, in the calling thread's namespace or another. Returns false where
  /// the kernel has no TCX.
  func attachTCX(_ interface: InterfaceID, _ programs: HookPrograms, in namespace: NetworkNamespace) throws
    -> Bool
  {
    let start = Self.now()
    do {
      let pair = try namespace.run {
        let ingress = LinkBox(try programs.ingress.attachTCX(ifindex: interface.ifindex, direction: .ingress))
        let egress = LinkBox(try programs.egress.attachTCX(ifindex: interface.ifindex, direction: .egress))
        return [ingress, egress]
      }
      links[interface] = pair
    } catch let error as BPFError where error.errno == .invalidArgument || error.errno == .notSupported {
      hasTCX = false
      return false
    }
    tcxCost = (Self.now() - start) / 2
    return true
  }

  /// Attaches many interfaces of one namespace by clsact filters, in few system calls. Returns those that failed.
  func attachFilters(_ interfaces: [(InterfaceID, HookPrograms)], in namespace: NetworkNamespace) throws
    -> [(InterfaceID, NetlinkError)]
  {
    let socket = try NetlinkSocket(in: namespace)
    let rooms = try socket.apply(interfaces.map { .addClsact(ifindex: $0.0.ifindex) })
    var changes: [FilterChange] = []
    var added: [[BPFFilter]] = []
    var ours: [Bool] = []
    for (position, (interface, programs)) in interfaces.enumerated() {
      // Whoever is the last of several captures takes the clsact away.
      ours.append(rooms[position] == nil || FilterSweeper.isClsactOurs(interface.ifindex, socket))
      let owner = FilterOwner.current(madeClsact: ours[position])
      let pair = FilterDirection.allCases.map { direction in
        BPFFilter(
          ifindex: interface.ifindex, direction: direction, priority: FilterOwner.priority,
          handle: owner.handle,
          name: owner.name)
      }
      added.append(pair)
      for filter in pair {
        let program = filter.direction == .ingress ? programs.ingress : programs.egress
        changes.append(.addFilter(filter, programDescriptor: program.fileDescriptor))
      }
    }
    let results = try socket.apply(changes)
    var failures: [(InterfaceID, NetlinkError)] = []
    for (position, (interface, _)) in interfaces.enumerated() {
      let outcome = results[position * 2..<position * 2 + 2]
      let kept = zip(added[position], outcome).filter { $0.1 == nil }.map(\.0)
      filters[interface] = (kept, ours[position])
      if let failure = outcome.compactMap({ $0 }).first {
        detachFilters(interface, socket)
        failures.append((interface, failure))
      }
    }
    return failures
  }

  /// The interfaces whose hooks ended though nobody detached them: the kernel ends them with the interface, and
  /// another may stand in its place by now.
  func lost(_ topology: Topology) -> Set<InterfaceID> {
    var lost = Set(links.filter { !$0.value.allSatisfy(\.isAttached) }.keys)
    for (inode, own) in Dictionary(grouping: filters.keys, by: \.namespace) {
      guard let namespace = try? NamespaceHandles.open(inode, in: topology),
        let disciplines = try? NetlinkSocket(in: namespace).queueingDisciplines()
      else { continue }
      let withClsact = Set(disciplines.filter { $0.kind == "clsact" }.map(\.ifindex))
      lost.formUnion(own.filter { !withClsact.contains($0.ifindex) })
    }
    return lost
  }

  /// Where an interface went, when the same device with our links on it stands in another namespace: a link stays with
  /// its device, a filter does not (`dev_change_net_namespace` in net/core/dev.c).
  ///
  /// Only under the number that it had: programs know their hook by it.
  func destination(of interface: Interface, in topology: Topology) -> Interface? {
    guard let pair = links[interface.id], pair.allSatisfy({ $0.attachedIfindex == interface.id.ifindex })
    else {
      return nil
    }
    return topology.interfaces.first {
      $0.id.ifindex == interface.id.ifindex && $0.id.namespace != interface.id.namespace
        && $0.id.namespace != 0 && $0.mac == interface.mac && $0.linkKind == interface.linkKind
        && !attached.contains($0.id)
    }
  }

  /// Keeps the hooks of an interface under its new name.
  func move(_ interface: InterfaceID, to new: InterfaceID) {
    links[new] = links.removeValue(forKey: interface)
  }

  /// Forgets an interface that is gone: the kernel removed its hooks with it.
  func forget(_ interface: InterfaceID) {
    links[interface] = nil
    filters[interface] = nil
  }

  private func detachFilters(_ interface: InterfaceID, _ socket: NetlinkSocket) {
    guard let entry = filters.removeValue(forKey: interface) else { return }
    // An interface that is gone took its filters with it: that failure is no news.
    _ = try? socket.apply(entry.filters.map { .deleteFilter($0) })
    if entry.madeClsact { FilterSweeper.removeEmptyClsact(interface.ifindex, socket) }
  }

  /// Detaches everything. Returns the interfaces whose namespace could not be entered any more.
  func detachAll(_ topology: Topology) {
    links.removeAll()
    for inode in Set(filters.keys.map(\.namespace)) {
      guard let namespace = try? NamespaceHandles.open(inode, in: topology),
        let socket = try? NetlinkSocket(in: namespace)
      else { continue }
      let own = filters.keys.filter { $0.namespace == inode }
      _ = try? socket.apply(own.flatMap { (filters[$0]?.filters ?? []).map { .deleteFilter($0) } })
      for interface in own {
        if filters[interface]?.madeClsact == true {
          FilterSweeper.removeEmptyClsact(interface.ifindex, socket)
        }
      }
    }
    filters.removeAll()
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
