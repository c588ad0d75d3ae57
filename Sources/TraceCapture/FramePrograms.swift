import BPF
import CBPFImages
import CMacvtraceABI

/// The maps that every program shares.
struct SharedMaps: Sendable {
  let counters: Map
  let overflows: Map
  let states: Map
  let records: Map
  let currentHook: Map
  let stages: Map
}

/// bpf/frames.bpf.c, loaded once for all hooks.
///
/// To be kept while it is attached: the kernel empties `stages` with its last descriptor, and frames then pass uncounted.
struct FramePrograms: Sendable {
  let maps: SharedMaps

  /// Loads the program and makes the shared maps.
  ///
  /// - Parameter preemptible: whether two frames can meet on one CPU (PREEMPT_RT): counts with atomic operations.
  init(options: CaptureOptions, preemptible: Bool) throws(BPFError) {
    let cpus = possibleCPUCount()
    let slots = options.slots(cpus: cpus)
    let image = bpf_image_frames()
    let object = try OpenObject(
      bytes: UnsafeRawBufferPointer(start: image.bytes, count: image.size), name: "frames")
    try object.setMaxEntries(map: "counters", UInt32(slots * cpus))
    try object.setMaxEntries(map: "cpu_states", UInt32(cpus))
    try object.setMaxEntries(map: "records", options.ringSize)
    try object.setMaxEntries(map: "conversations", UInt32(cpus) * UInt32(MVT_CONVERSATION_SLOTS.rawValue))
    try object.setGlobal("counter_mask", to: UInt32(slots - 1))
    try object.setGlobal("counter_seed", to: UInt64.random(in: .min ... .max))
    try object.setGlobal("preemptible", to: UInt8(preemptible ? 1 : 0))
    try object.setGlobal("sampling_mask", to: options.samplingMask)
    try object.setGlobal("sightings_enabled", to: UInt8(options.sightings ? 1 : 0))
    try Self.setBudget(object, options)
    let loaded = try object.load()
    maps = SharedMaps(
      counters: try loaded.map("counters"), overflows: try loaded.map("overflows"),
      states: try loaded.map("cpu_states"), records: try loaded.map("records"),
      currentHook: try loaded.map("current_hook"), stages: try loaded.map("stages"))
    try maps.stages.set(0, to: try loaded.program("frames"))
  }

  /// `record_budget` is an array of six numbers.
  static func setBudget(_ object: borrowing OpenObject, _ options: CaptureOptions) throws(BPFError) {
    let budget = options.budget + Array(repeating: 0, count: max(0, 6 - options.budget.count))
    try object.setGlobal(
      "record_budget", to: BudgetArray(budget[0], budget[1], budget[2], budget[3], budget[4], budget[5]))
  }
}

/// Six numbers as they lie in an array of C.
struct BudgetArray: BitwiseCopyable {
  var first: UInt32, second: UInt32, third: UInt32, fourth: UInt32, fifth: UInt32, sixth: UInt32

  init(_ first: UInt32, _ second: UInt32, _ third: UInt32, _ fourth: UInt32, _ fifth: UInt32, _ sixth: UInt32)
  {
    (self.first, self.second, self.third) = (first, second, third)
    (self.fourth, self.fifth, self.sixth) = (fourth, fifth, sixth)
  }
}
