import BPF

/// How much is recorded and how much memory it may take. Counting is not an option: it is always whole.
public struct CaptureOptions: Sendable {
  /// Records per CPU and second, by class, in the order of `enum mvt_class`.
  public var budget: [UInt32] = [4000, 2000, 2000, 2000, 2000, 1000]
  /// An ordinary frame is recorded when its packet id has none of these bits: 1023 is one in 1024. Below 1 << 31; what is
  /// more is refused at load.
  public var samplingMask: UInt32 = 1023
  /// Whether sightings are made at all.
  public var sightings = true
  /// Octets of the ring buffer; a power of two and a multiple of the page size. 2 MiB for each CPU, within bounds: what
  /// the default budget lets it record in a second.
  public var ringSize = Self.ringSize(cpus: possibleCPUCount())
  /// Counting slots for each CPU, a power of two; `nil` chooses by the number of CPUs, at most 64 MiB in all, and by what
  /// the kernel takes.
  public var counterSlots: Int?
  /// The way in which every hook is attached, whatever it costs and hides; `nil` chooses for each.
  public var mechanism: HookMechanism?
  /// The most records kept in memory; older ones are forgotten, and counted.
  public var retention = 65536

  /// The defaults.
  public init() {}

  /// Octets of the ring buffer that hold what so many CPUs record at most in a second by the default budget.
  static func roomForASecond(cpus: Int) -> Int { cpus << 21 }

  static func ringSize(cpus: Int) -> UInt32 {
    var size: UInt32 = 4 << 20
    while size < 16 << 20, Int(size) < roomForASecond(cpus: cpus) { size *= 2 }
    return size
  }

  /// 128k slots hold the 64k keys of a very large segment; more CPUs get smaller regions.
  func slots(cpus: Int) -> Int {
    if let counterSlots { return counterSlots }
    var slots = 131_072
    while slots > 8192, slots * cpus * 32 > 64 << 20 { slots /= 2 }
    return slots
  }
}
