import BPF
import LinuxNamespaces
import Netlink
public import TraceModel

/// Which programs of others stand on interfaces, and where ours would stand among them. Attaches nothing.
public struct ProgramExamination: Sendable {
  /// Others' programs, those of one interface in the order in which they run.
  public private(set) var otherPrograms: [OtherProgram] = []
  /// Where ours would stand, on both sides of every interface.
  public private(set) var places: [PlannedPlace] = []
  /// What could not be looked at.
  public private(set) var limitations: [Degradation] = []

  private let hasTCX: Bool
  private var others = OtherPrograms()

  /// Looks at every interface of a topology whose namespace can be entered.
  public init(_ topology: Topology) {
    hasTCX = KernelFeatures.probe().tcx
    for inode in Set(topology.interfaces.map(\.id.namespace)).sorted() where inode != 0 {
      let own = topology.interfaces.filter { $0.id.namespace == inode }
      do {
        let namespace = try NamespaceHandles.open(inode, in: topology)
        let reading = try InterfacePrograms.read(own.map(\.id.ifindex), in: namespace)
        for interface in own {
          guard let found = reading.programs[interface.id.ifindex] else { continue }
          plan(interface.id, found, isParent: interface.id == topology.parent)
        }
      } catch {
        limitations.append(
          Degradation(
            feature: "other programs",
            consequence: "those on \(own.map(\.label).joined(separator: ", ")) are not known: \(error)"))
      }
    }
  }

  private mutating func plan(_ interface: InterfaceID, _ found: InterfacePrograms, isParent: Bool) {
    // The kernel has it; whether it is taken for a child depends on how many there are and on its traffic, but not where
    // filters see less.
    let usesTCX = hasTCX && (isParent || found.hidesFramesFromFilters)
    otherPrograms += others.list(interface, found) { direction in
      if hasTCX { return .tcx }
      if case .priority(let priority) = found.filterPlace(direction) { return .filter(priority: priority) }
      return .nowhere
    }
    for direction in [Direction.ingress, .egress] {
      let hook = Hook(interface, direction)
      switch (hasTCX, found.filterPlace(direction)) {
      case (true, _):
        places.append(
          PlannedPlace(
            hook,
            mechanism: usesTCX
              ? HookMechanism.tcx.rawValue
              : "\(HookMechanism.tcx.rawValue) or \(HookMechanism.clsact.rawValue)",
            why: "before all other TCX programs, and these before all filters"))
      case (false, .priority(let priority)):
        places.append(
          PlannedPlace(
            hook, mechanism: HookMechanism.clsact.rawValue, priority: priority,
            why: priority == 1
              ? "priority 1, the newest of its filters: before all others"
              : "the lowest priorities are taken by filters of other kinds or for one protocol, and all filters of one "
                + "priority are alike: what those before it drop, redirect or let pass for good is not seen"))
      case (false, .none(let reason)):
        places.append(PlannedPlace(hook, mechanism: nil, why: reason))
      }
    }
  }
}
