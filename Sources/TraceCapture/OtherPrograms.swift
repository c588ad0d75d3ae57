import BPF
import Netlink
import TraceModel

/// Where a program of ours stands on one side of an interface, or would.
enum Standing: Equatable {
  /// Before all other TCX programs, and these before every filter.
  case tcx
  case filter(priority: UInt16)
  case nowhere
}

/// Turns what stands on an interface into what the report says of it.
struct OtherPrograms {
  /// Which are ours.
  struct Own {
    /// The programs at TCX hooks.
    var programs: Set<UInt32> = []
    /// The handles of filters.
    var handles: Set<UInt32> = []
  }

  /// What the kernel tells of programs, by id; `nil` for one that it tells nothing of.
  private var information: [UInt32: Program.Information?] = [:]

  /// Everybody else's programs on an interface, in the order in which they run on each side.
  ///
  /// - Parameters:
  ///   - own: which of them are ours, when we are attached: their place tells who is before us.
  ///   - standing: where ours stands, or would where it is not attached yet.
  mutating func list(
    _ interface: InterfaceID, _ programs: InterfacePrograms, own: Own = Own(),
    standing: (Direction) -> Standing
  ) -> [OtherProgram] {
    var others: [OtherProgram] = programs.xdp.map { program in
      var other = describe(
        OtherProgram(interface: interface, place: .xdp, position: .before), program.programID)
      other.mode = program.mode.rawValue
      return other
    }
    for direction in [Direction.ingress, .egress] {
      let standing = standing(direction)
      let links = programs.tcx[direction] ?? []
      let first = links.firstIndex { own.programs.contains($0) } ?? (standing == .tcx ? 0 : links.count)
      for (index, id) in links.enumerated() where !own.programs.contains(id) {
        let position: OtherProgram.Position = index < first ? .before : .after
        others.append(
          describe(
            OtherProgram(
              interface: interface, place: direction == .ingress ? .tcxIngress : .tcxEgress,
              position: position), id))
      }
      others += filters(interface, programs.filters[direction] ?? [], direction, own, standing)
    }
    return others
  }

  private mutating func filters(
    _ interface: InterfaceID, _ filters: [TrafficFilter], _ direction: Direction, _ own: Own,
    _ standing: Standing
  ) -> [OtherProgram] {
    let isOwn = { (filter: TrafficFilter) in filter.kind == "bpf" && own.handles.contains(filter.handle) }
    let first = filters.firstIndex(where: isOwn)
    let isBefore = { (index: Int) in
      switch standing {
      case .tcx: false
      case .nowhere: true
      case .filter(let priority): first.map { index < $0 } ?? (filters[index].priority < priority)
      }
    }
    // Frames come to another chain by a filter of the first one only, which may be before ours.
    let isLed = filters.indices.contains {
      filters[$0].chain == 0 && !filters[$0].isContainer && isBefore($0)
    }
    var others: [OtherProgram] = []
    for (index, filter) in filters.enumerated() where !filter.isContainer && !isOwn(filter) {
      let isFirst = filter.chain == 0 ? isBefore(index) : isLed
      var other = OtherProgram(
        interface: interface, place: direction == .ingress ? .tcIngress : .tcEgress,
        position: isFirst ? .before : .after)
      if let id = filter.programID { other = describe(other, id) }
      other.name = filter.name.flatMap { $0.isEmpty ? nil : $0 } ?? other.name
      other.tag = filter.programTag ?? other.tag
      other.kind = filter.kind
      other.priority = filter.priority
      other.handle = filter.handle
      other.chain = filter.chain
      others.append(other)
    }
    return others
  }

  private mutating func describe(_ other: OtherProgram, _ id: UInt32) -> OtherProgram {
    let known = information[id] ?? (try? Program.information(id: id))
    information[id] = .some(known)
    var other = other
    other.programID = id
    other.name = known?.name
    other.tag = known?.tag
    return other
  }
}
