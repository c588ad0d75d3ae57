import BPF
import CBPFImages
import CMacvtraceABI
import TraceModel

/// The programs at the system-wide tracepoints, attached. What this kernel does not have, or does not allow, is left
/// out and said.
struct TracingPrograms: Sendable {
  /// They detach with these.
  var links: [LinkBox] = []
  private(set) var programs: [Program] = []
  private(set) var devices: TypedMap<mvt_device, UInt8>?
  private var devicesMap: Map?
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

  private mutating func attach(
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
}
