import BPF
import CBPFImages
import CMacvtraceABI
import TraceModel

/// One loaded instance of bpf/frames.bpf.c.
///
/// An instance knows an interface by its index. Two interfaces with the same index, in two namespaces, need two
/// instances, which share every map but `hook_index`.
struct FramePrograms: Sendable {
  let ingress: Program
  let egress: Program
  let hookIndex: TypedMap<UInt32, mvt_hook_entry>
}

/// The maps that every program shares.
struct SharedMaps: Sendable {
  let counters: Map
  let overflows: Map
  let states: Map
  let records: Map
  let conversations: Map
}

/// The instances, and which interface each slot of each belongs to.
struct FrameInstances {
  private var instances: [(programs: FramePrograms, owners: [UInt32: InterfaceID])] = []
  let maps: SharedMaps
  private let options: CaptureOptions
  private let seed: UInt64
  private let cpus: Int
  private let preemptible: Bool

  private static var image: UnsafeRawBufferPointer {
    let image = bpf_image_frames()
    return UnsafeRawBufferPointer(start: image.bytes, count: image.size)
  }

  /// Loads the first instance and makes the shared maps.
  init(options: CaptureOptions, preemptible: Bool) throws(BPFError) {
    self.options = options
    self.preemptible = preemptible
    seed = UInt64.random(in: .min ... .max)
    cpus = possibleCPUCount()
    let object = try Self.open(options, seed: seed, cpus: cpus, preemptible: preemptible)
    try object.setMaxEntries(map: "counters", UInt32(options.slots(cpus: cpus) * cpus))
    try object.setMaxEntries(map: "cpu_states", UInt32(cpus))
    try object.setMaxEntries(map: "records", options.ringSize)
    try object.setMaxEntries(map: "conversations", UInt32(cpus) * UInt32(MVT_CONVERSATION_SLOTS.rawValue))
    let loaded = try object.load()
    maps = SharedMaps(
      counters: try loaded.map("counters"), overflows: try loaded.map("overflows"),
      states: try loaded.map("cpu_states"), records: try loaded.map("records"),
      conversations: try loaded.map("conversations"))
    instances = [(try Self.programs(loaded), [:])]
  }

  private static func open(_ options: CaptureOptions, seed: UInt64, cpus: Int, preemptible: Bool)
    throws(BPFError) -> OpenObject
  {
    let object = try OpenObject(bytes: image, name: "frames")
    try object.setGlobal("counter_mask", to: UInt32(options.slots(cpus: cpus) - 1))
    try object.setGlobal("counter_seed", to: seed)
    try object.setGlobal("preemptible", to: UInt8(preemptible ? 1 : 0))
    try object.setGlobal("sampling_mask", to: options.samplingMask)
    try object.setGlobal("sightings_enabled", to: UInt8(options.sightings ? 1 : 0))
    try setBudget(object, options)
    return object
  }

  /// `record_budget` is an array of six numbers.
  static func setBudget(_ object: borrowing OpenObject, _ options: CaptureOptions) throws(BPFError) {
    let budget = options.budget + Array(repeating: 0, count: max(0, 6 - options.budget.count))
    try object.setGlobal(
      "record_budget", to: BudgetArray(budget[0], budget[1], budget[2], budget[3], budget[4], budget[5]))
  }

  private static func programs(_ loaded: borrowing LoadedObject) throws(BPFError) -> FramePrograms {
    FramePrograms(
      ingress: try loaded.program("frames_ingress"), egress: try loaded.program("frames_egress"),
      hookIndex: try TypedMap(try loaded.map("hook_index")))
  }

  /// Gives an interface its entry in the first instance where its index is free, and returns that instance.
  mutating func register(_ interface: InterfaceID, ingressHook: UInt16) throws(BPFError) -> FramePrograms {
    let slot = interface.ifindex & (UInt32(MVT_HOOK_INDEX_SIZE.rawValue) - 1)
    var index = instances.firstIndex { $0.owners[slot] == nil || $0.owners[slot] == interface }
    if index == nil {
      instances.append((try another(), [:]))
      index = instances.count - 1
    }
    let chosen = index ?? 0
    let entry = mvt_hook_entry(ifindex: interface.ifindex, ingress_hook: ingressHook, reserved: 0)
    try instances[chosen].programs.hookIndex.update(slot, to: entry)
    instances[chosen].owners[slot] = interface
    return instances[chosen].programs
  }

  /// Frees the entry of an interface that is gone, so that another with its index is not taken for it.
  mutating func release(_ interface: InterfaceID) throws(BPFError) {
    let slot = interface.ifindex & (UInt32(MVT_HOOK_INDEX_SIZE.rawValue) - 1)
    for index in instances.indices where instances[index].owners[slot] == interface {
      instances[index].owners[slot] = nil
      try instances[index].programs.hookIndex.update(slot, to: mvt_hook_entry())
    }
  }

  private func another() throws(BPFError) -> FramePrograms {
    let object = try Self.open(options, seed: seed, cpus: cpus, preemptible: preemptible)
    try object.reuse(map: "counters", maps.counters)
    try object.reuse(map: "overflows", maps.overflows)
    try object.reuse(map: "cpu_states", maps.states)
    try object.reuse(map: "records", maps.records)
    try object.reuse(map: "conversations", maps.conversations)
    return try Self.programs(try object.load())
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
