package import BPF
import CBPFImages
import CMacvtraceABI
package import TraceModel

/// The maps that every program shares.
package struct SharedMaps: Sendable {
  package let counters: CounterRegions
  package let overflows: Map
  package let states: Map
  package let records: Map
}

/// bpf/frames.bpf.c, loaded once for all hooks.
///
/// To be kept while it is attached: the kernel empties `rare` with its last descriptor, and rare frames then pass
/// uncounted.
package struct FramePrograms: Sendable {
  package let maps: SharedMaps
  private let template: ProgramTemplate
  /// The hook whose program was loaded with the maps.
  private let expected: (number: UInt16, program: Program)?
  /// For filters, once there are any.
  private var shared: Program?
  let rare: Map

  /// Loads the program and makes the shared maps.
  ///
  /// - Parameters:
  ///   - preemptible: whether two frames can meet on one CPU (PREEMPT_RT): counts with atomic operations.
  ///   - hook: the number of the hook that is attached first, where it is known: its program need not be loaded then.
  package init(options: CaptureOptions, preemptible: Bool, first hook: UInt16? = nil) throws(BPFError) {
    let cpus = possibleCPUCount()
    try self.init(
      options, preemptible, hook,
      CounterRegions(
        count: cpus, slots: options.slots(cpus: cpus), exactly: options.counterSlots != nil))
  }

  /// The same with counting tables that are there.
  init(_ options: CaptureOptions, _ preemptible: Bool, _ hook: UInt16?, _ regions: CounterRegions)
    throws(BPFError)
  {
    let image = preemptible ? bpf_image_frames_preemptible() : bpf_image_frames()
    let object = try OpenObject(
      bytes: UnsafeRawBufferPointer(start: image.bytes, count: image.size), name: "frames")
    let (own, other) =
      options.sightings ? (Self.watching, Self.counting) : (Self.counting, Self.watching)
    try object.setAutoload(program: other, false)
    try object.setValueSize(map: CounterRegions.mapName, UInt32(regions.map.valueSize))
    try object.reuse(map: CounterRegions.mapName, regions.map)
    try object.setMaxEntries(map: "cpu_states", UInt32(regions.count))
    try object.setMaxEntries(map: "records", options.ringSize)
    try object.setGlobal("table", to: regions.table)
    try object.setGlobal("sightings_enabled", to: UInt8(options.sightings ? 1 : 0))
    try Self.setBudget(object, options)
    let constant = try object.constant(Self.placeholder, in: own)
    if let hook { try object.set(constant, to: Int64(hook)) }
    for (placeholder, value) in regions.constants {
      try object.set(object.constant(Int32(placeholder.rawValue), in: own), to: value)
    }
    for program in options.sightings ? [own, Self.rare] : [Self.rare] {
      let mask = try object.constant(Int32(MVT_SAMPLING_PLACEHOLDER.rawValue), in: program)
      try object.set(mask, to: Int64(options.samplingMask))
    }
    if regions.areOneValue {
      try object.setAddress(of: regions.map, for: Int32(MVT_REGIONS_PLACEHOLDER.rawValue), in: own)
    }
    let loaded = try object.load()
    maps = SharedMaps(
      counters: regions, overflows: try loaded.map("overflows"),
      states: try loaded.map("cpu_states"), records: try loaded.map("records"))
    template = try loaded.template(constant)
    let program = try loaded.program(own)
    expected = hook.map { ($0, program) }
    shared = hook == nil ? program : nil
    rare = try loaded.map("rare")
    try rare.set(0, to: try loaded.program(Self.rare))
  }

  /// Loads the program of a TCX link, which has no class id: the number of the hook stands in it.
  ///
  /// - Parameter number: of the hook, by `HookRegistry`.
  package func forLink(_ number: UInt16, _ direction: Direction) throws(BPFError) -> Program {
    if let expected, expected.number == number { return expected.program }
    return try template.load(Int64(number), name: Self.linkNames[direction] ?? "")
  }

  /// The program of filters, whose class id is the number of their hook. One serves them all, so that a thousand filters
  /// that go at once free no thousand programs: the kernel frees each on its own, and can hang itself with that many.
  mutating func forFilters() throws(BPFError) -> Program {
    if let shared { return shared }
    let program = try template.load(Int64(Self.placeholder), name: Self.filterName)
    shared = program
    return program
  }

  private static let placeholder = Int32(MVT_HOOK_PLACEHOLDER.rawValue)

  /// What the programs are called in the object.
  private static let (watching, counting, rare) = ("macvtrace_watch", "macvtrace_count", "examine")
  /// What the kernel calls the programs that are copies.
  private static let linkNames: [Direction: String] = [.ingress: "macvtrace_in", .egress: "macvtrace_out"]
  private static let filterName = "macvtrace_all"

  /// What the kernel calls the programs of links, of every capture: that of the hook that is attached first keeps its name
  /// in the object.
  static let namesOfLinks = Set(linkNames.values).union([watching, counting])

  /// Sets how many records of each class a CPU may make in a second.
  static func setBudget(_ object: borrowing OpenObject, _ options: CaptureOptions) throws(BPFError) {
    let budget = options.budget
    try object.setGlobal(
      "record_budget", to: InlineArray<6, UInt32> { $0 < budget.count ? budget[$0] : 0 })
  }
}
