import BPF
import CBPFImages
import CMacvtraceABI
import TraceModel

/// The system-wide tracepoints: drops and neighbor changes, for the observed interfaces only.
///
/// What this kernel does not have, or does not allow, is left out and said.
final class KernelTracing {
  private var links: [LinkBox] = []
  private var programs: [Program] = []
  private var devices: TypedMap<mvt_device, UInt8>?
  /// The names of the running kernel's drop reasons.
  private(set) var reasons: [UInt32: String] = [:]
  /// What could not be had.
  private(set) var degradations: [Degradation] = []

  init(maps: SharedMaps, options: CaptureOptions) {
    let arguments: Int?
    do {
      let btf = try KernelBTF()
      reasons = btf.enumerators(of: "skb_drop_reason").mapValues {
        $0.hasPrefix("SKB_DROP_REASON_") ? String($0.dropFirst("SKB_DROP_REASON_".count)) : $0
      }
      arguments = btf.tracepointArgumentCount("kfree_skb")
    } catch {
      degradations.append(
        Degradation(
          feature: "kernel BTF",
          consequence:
            "neither drops nor neighbor changes are seen, findings rest on frames and state: \(error)"))
      return
    }
    if (arguments ?? 0) < 3 {
      degradations.append(
        Degradation(
          feature: "drop reasons",
          consequence:
            "this kernel tells where a frame was dropped, but not why (reasons came with Linux 5.17)"))
    }
    let drops = bpf_image_drops()
    let neighbors = bpf_image_neighbors()
    attach("drops", drops, ["drops"], maps, options) { object throws(BPFError) in
      try object.setGlobal("has_reason", to: UInt8((arguments ?? 0) >= 3 ? 1 : 0))
    }
    attach(
      "neighbors", neighbors, ["neighbor_updated", "neighbor_timer", "neighbor_asked"], maps, options
    ) { _ throws(BPFError) in }
  }

  private func attach(
    _ name: String, _ image: bpf_image, _ entryPoints: [String], _ maps: SharedMaps,
    _ options: CaptureOptions,
    _ prepare: (borrowing OpenObject) throws(BPFError) -> Void
  ) {
    do {
      let object = try OpenObject(
        bytes: UnsafeRawBufferPointer(start: image.bytes, count: image.size), name: name)
      try object.reuse(map: "records", maps.records)
      try object.reuse(map: "cpu_states", maps.states)
      if let devicesMap { try object.reuse(map: "devices", devicesMap) }
      try FramePrograms.setBudget(object, options)
      try prepare(object)
      let loaded = try object.load()
      if devicesMap == nil {
        let map = try loaded.map("devices")
        devicesMap = map
        devices = try TypedMap(map)
      }
      for entryPoint in entryPoints {
        let program = try loaded.program(entryPoint)
        links.append(LinkBox(try program.attachTracing()))
        programs.append(program)
      }
    } catch {
      degradations.append(
        Degradation(
          feature: name,
          consequence: "the kernel's \(name) are not seen, findings rest on frames and state: \(error)"))
    }
  }

  private var devicesMap: Map?

  /// Watches an interface, and its namespace for buffers without a device. Returns false when there is no room.
  func watch(_ interface: InterfaceID) -> Bool {
    guard let devices, interface.namespace != 0 else { return true }
    let inode = UInt32(truncatingIfNeeded: interface.namespace)
    do {
      try devices.update(mvt_device(namespace_inode: inode, ifindex: interface.ifindex), to: 1)
      try devices.update(mvt_device(namespace_inode: inode, ifindex: 0), to: 1)
      return true
    } catch {
      return false
    }
  }

  /// Stops watching an interface that is gone.
  func unwatch(_ interface: InterfaceID) {
    let inode = UInt32(truncatingIfNeeded: interface.namespace)
    // It stays harmless where the entry cannot be deleted: the interface is gone.
    try? devices?.delete(mvt_device(namespace_inode: inode, ifindex: interface.ifindex))
  }

  /// Runs that were left out because a program was already running on its CPU.
  var missedRuns: UInt64 {
    programs.reduce(0) { $0 + ((try? $1.information().recursionMisses) ?? 0) }
  }

  /// Detaches everything.
  func stop() { links.removeAll() }
}
