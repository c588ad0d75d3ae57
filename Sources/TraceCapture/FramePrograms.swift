package import BPF
import CBPFImages
import CMacvtraceABI

/// The maps that every program shares.
package struct SharedMaps: Sendable {
  package let counters: Map
  package let overflows: Map
  package let states: Map
  package let records: Map
}

/// bpf/frames.bpf.c, loaded once for all hooks.
///
/// To be kept while it is attached: the kernel empties `stages` with its last descriptor, and frames then pass uncounted.
package struct FramePrograms: Sendable {
  package let maps: SharedMaps
  /// For each interface whose index is its hook's number.
  private let byIndex: HookPrograms
  /// For the others, once the hook's number stands in it.
  private let noteHook: ProgramTemplate
  private let stages: Map
  private let current: TypedMap<UInt32, mvt_current>

  /// Loads the program and makes the shared maps.
  ///
  /// - Parameter preemptible: whether two frames can meet on one CPU (PREEMPT_RT): counts with atomic operations.
  package init(options: CaptureOptions, preemptible: Bool) throws(BPFError) {
    let cpus = possibleCPUCount()
    let slots = options.slots(cpus: cpus)
    let image = preemptible ? bpf_image_frames_preemptible() : bpf_image_frames()
    let object = try OpenObject(
      bytes: UnsafeRawBufferPointer(start: image.bytes, count: image.size), name: "frames")
    try object.setMaxEntries(map: "counters", UInt32(cpus))
    try object.setValueSize(map: "counters", UInt32(slots * MemoryLayout<mvt_counter>.size))
    try object.setMaxEntries(map: "cpu_states", UInt32(cpus))
    try object.setMaxEntries(map: "records", options.ringSize)
    try object.setMaxEntries(map: "conversations", UInt32(cpus))
    try object.setGlobal("counter_shift", to: UInt32(64 - slots.trailingZeroBitCount))
    try object.setGlobal("counter_multipliers", to: Self.multipliers())
    try object.setGlobal("sampling_mask", to: options.samplingMask)
    try object.setGlobal("sightings_enabled", to: UInt8(options.sightings ? 1 : 0))
    try Self.setBudget(object, options)
    let loaded = try object.load()
    maps = SharedMaps(
      counters: try loaded.map("counters"), overflows: try loaded.map("overflows"),
      states: try loaded.map("cpu_states"), records: try loaded.map("records"))
    byIndex = HookPrograms(
      ingress: try loaded.program("count_ingress"), egress: try loaded.program("count_egress"),
      areShared: true)
    noteHook = try loaded.template("note_hook")
    current = try TypedMap(try loaded.map("current"))
    stages = try loaded.map("stages")
    try stages.set(MVT_STAGE_EXAMINE.rawValue, to: try loaded.program("examine"))
    try stages.set(MVT_STAGE_COUNT.rawValue, to: try loaded.program("count_noted"))
  }

  /// What is to be attached to the interface with that index, whose ingress hook has that number; egress has the
  /// next.
  package func hooks(ifindex: UInt32, ingressHook: UInt16) throws(BPFError) -> HookPrograms {
    if UInt32(ingressHook >> 1) == ifindex { return byIndex }
    return HookPrograms(
      ingress: try noting(ingressHook, name: "macvtrace_in"),
      egress: try noting(ingressHook + 1, name: "macvtrace_out"), areShared: false)
  }

  /// The tags of the programs that are attached to interfaces whose index is their hook's number.
  func tags() throws(BPFError) -> Set<String> {
    [try byIndex.ingress.information().tag, try byIndex.egress.information().tag]
  }

  private func noting(_ hook: UInt16, name: String) throws(BPFError) -> Program {
    try noteHook.load(replacing: Int32(MVT_HOOK_PLACEHOLDER.rawValue), by: Int32(hook), name: name)
  }

  /// Frames that no class wanted and the hash did not select, on all CPUs.
  func sampledOut() throws(BPFError) -> UInt64 {
    try current.lookup(0)?.reduce(0) { $0 + $1.sampled_out } ?? 0
  }

  /// Two odd random numbers: no sender can know which addresses meet in a slot.
  private static func multipliers() -> InlineArray<2, UInt64> {
    InlineArray { _ in UInt64.random(in: .min ... .max) | 1 }
  }

  /// Sets how many records of each class a CPU may make in a second.
  static func setBudget(_ object: borrowing OpenObject, _ options: CaptureOptions) throws(BPFError) {
    let budget = options.budget
    try object.setGlobal(
      "record_budget", to: InlineArray<6, UInt32> { $0 < budget.count ? budget[$0] : 0 })
  }
}
