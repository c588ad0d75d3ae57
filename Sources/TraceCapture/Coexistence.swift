import BPF
import Netlink
import TraceModel

/// What others do to the interfaces that are observed, and what we cannot see for it.
struct Coexistence {
  /// Others' programs, in the order in which they run.
  private var programs: [InterfaceID: [OtherProgram]] = [:]
  /// Hooks of ours that are not there, or not any more.
  private var blind: [Hook: BlindHook] = [:]
  private var others = OtherPrograms()

  /// How many programs that are not there any more are kept of one interface: the last.
  private static let goneLimit = 64

  /// Notes what stood on an interface before ours was attached there, or stands there now.
  mutating func note(_ interface: InterfaceID, _ found: InterfacePrograms, _ hooks: FrameHooks) {
    var own = OtherPrograms.Own()
    for hook in hooks.interfaces[interface]?.hooks.values ?? [:].values {
      if let filter = hook.filter {
        own.handles.insert(filter.handle)
      } else {
        own.programs.insert(hook.programID)
      }
    }
    let now = others.list(interface, found, own: own) { hooks.standing(interface, $0) }
    let present = Set(now.map(Self.key))
    let gone = (programs[interface] ?? []).filter { !present.contains(Self.key($0)) }
    programs[interface] = now + gone.suffix(Self.goneLimit)
  }

  /// Which of an interface's programs it is, wherever it stands by now.
  private static func key(_ program: OtherProgram) -> [String] {
    [program.place.rawValue, program.programID.map(String.init) ?? "", program.kind ?? ""]
      + [UInt32(program.priority ?? 0), program.handle ?? 0, program.chain ?? 0].map(String.init)
  }

  /// Notes that a hook sees nothing.
  mutating func note(blind hook: Hook, since: UInt64 = 0, _ reason: String) {
    blind[hook] = blind[hook] ?? BlindHook(hook, since: since, reason: reason)
  }

  /// An interface has another name: it went to another namespace.
  mutating func move(_ interface: InterfaceID, to new: InterfaceID) {
    programs[new] = programs.removeValue(forKey: interface)?.map { program in
      var moved = program
      moved.interface = new
      return moved
    }
    for direction in [Direction.ingress, .egress] {
      if var moved = blind.removeValue(forKey: Hook(interface, direction)) {
        moved.hook = Hook(new, direction)
        blind[moved.hook] = moved
      }
    }
  }

  /// An interface left so long ago that nothing is told of it any more.
  mutating func forget(_ interface: InterfaceID) {
    programs[interface] = nil
    for direction in [Direction.ingress, .egress] { blind[Hook(interface, direction)] = nil }
  }

  static func label(_ hook: Hook, _ topology: Topology) -> String {
    "\(topology.interface(hook.interface)?.label ?? "\(hook.interface)"), \(hook.direction)"
  }

  /// Others' programs, in the order of the topology's interfaces.
  func otherPrograms(_ topology: Topology) -> [OtherProgram] {
    let known = topology.interfaces.map(\.id)
    let departed = Set(programs.keys).subtracting(known).sorted()
    return (known + departed).flatMap { programs[$0] ?? [] }
  }

  /// What gets frames before ours and may keep them; other captures keep none.
  private func hiding(_ topology: Topology) -> [OtherProgram] {
    otherPrograms(topology).filter { $0.position == .before && !isOfMacvtrace($0) }
  }

  private func isOfMacvtrace(_ program: OtherProgram) -> Bool {
    let name = program.name ?? ""
    return program.place.isFilter ? FilterOwner(name: name) != nil : FramePrograms.namesOfLinks.contains(name)
  }

  /// The hooks that did not see every frame. Those behind an XDP program are not among them: what that keeps does not
  /// reach the host either.
  func blindHooks(_ topology: Topology) -> [BlindHook] {
    var all = blind
    for program in hiding(topology) where program.place != .xdp {
      let hook = Hook(program.interface, program.place.direction)
      all[hook] =
        all[hook]
        ?? BlindHook(
          hook, reason: "the \(program.label) gets frames before macvtrace at \(Self.label(hook, topology))")
    }
    return all.values.sorted {
      ($0.hook.interface, $0.hook.direction == .ingress ? 0 : 1)
        < ($1.hook.interface, $1.hook.direction == .ingress ? 0 : 1)
    }
  }

  /// What cannot be seen for the others' programs, each said once for all interfaces that it stands on.
  func degradations(_ topology: Topology) -> [Degradation] {
    struct Kind: Hashable {
      var isXDP: Bool
      var label: String
    }
    var order: [Kind] = []
    var places: [Kind: [String]] = [:]
    for program in hiding(topology) {
      let kind = Kind(isXDP: program.place == .xdp, label: program.label)
      if places[kind] == nil { order.append(kind) }
      let label = topology.interface(program.interface)?.label ?? "\(program.interface)"
      places[kind, default: []].append(kind.isXDP ? label : "\(label), \(program.place.direction)")
    }
    return order.map { kind in
      let all = places[kind] ?? []
      let shown = all.prefix(3).joined(separator: "; ") + (all.count > 3 ? " and \(all.count - 3) more" : "")
      let loss =
        kind.isXDP
        ? "what it drops, redirects or answers itself is not seen"
        : "what it drops, redirects or lets pass for good (TC_ACT_OK) is not seen there"
      return Degradation(
        feature: kind.isXDP ? "XDP" : "hooks",
        consequence: "the \(kind.label) gets frames before macvtrace at \(shown): \(loss)")
    }
  }
}
