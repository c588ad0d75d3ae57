import CLibBPF
import Glibc
import SystemPackage

/// A program in the kernel.
public struct Program: Sendable {
  /// Its name in the object.
  public let name: String
  let descriptor: Descriptor

  init(duplicating fileDescriptor: CInt, name: String) throws(BPFError) {
    self.name = name
    do {
      descriptor = try Descriptor(duplicating: fileDescriptor)
    } catch {
      throw BPFError(.load, "descriptor of program \(name)", errno: error)
    }
  }

  /// The descriptor, for those who attach by other means (a clsact filter); valid while this value lives.
  public var fileDescriptor: CInt { descriptor.rawValue }

  /// What the kernel knows about a program.
  public struct Information: Sendable {
    /// The kernel's id, as `bpftool prog` shows it.
    public let id: UInt32
    /// The name that it was loaded with, at most 15 octets; may be empty.
    public let name: String
    /// A hash of its instructions, in hexadecimal, as `bpftool prog` shows it.
    public let tag: String
    /// Whether it is machine code; `false` also where the kernel hides that (kptr_restrict).
    public let isCompiled: Bool
    /// Nanoseconds spent in the program, while statistics were enabled.
    public let runTimeNanoseconds: UInt64
    /// Runs, while statistics were enabled.
    public let runCount: UInt64
    /// Runs that were left out because the program was already running on that CPU (Linux 5.12).
    public let recursionMisses: UInt64
  }

  /// Reads what the kernel knows about the program.
  public func information() throws(BPFError) -> Information {
    try Self.information(descriptor.rawValue, "program \(name)")
  }

  /// Reads what the kernel knows about a program of anybody's (CAP_SYS_ADMIN); throws `ENOENT` when it is gone.
  public static func information(id: UInt32) throws(BPFError) -> Information {
    let result = bpf_prog_get_fd_by_id(id)
    guard result >= 0 else { throw BPFError(.load, "open program \(id)", errno: Errno(rawValue: -result)) }
    let descriptor = Descriptor(owning: result)
    return try information(descriptor.rawValue, "program \(id)")
  }

  /// Whether the kernel still has the program of an id (CAP_SYS_ADMIN): it goes with the last that holds it, be that a
  /// descriptor, a link or a filter. Opens nothing.
  public static func isLoaded(id: UInt32) -> Bool {
    var next: UInt32 = 0
    guard id > 0 else { return false }
    // Ids grow and are not given again while this process lives.
    return unsafe bpf_prog_get_next_id(id - 1, &next) == 0 && next == id
  }

  private static func information(_ descriptor: CInt, _ what: String) throws(BPFError) -> Information {
    var info = bpf_prog_info()
    let result = unsafe clibbpf_program_info(descriptor, &info)
    guard result == 0 else {
      throw BPFError(.load, "information about \(what)", errno: Errno(rawValue: -result))
    }
    let name = unsafe withUnsafeBytes(of: info.name) {
      unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    let tag = unsafe withUnsafeBytes(of: info.tag) { bytes in
      unsafe bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    return Information(
      id: info.id, name: name, tag: tag, isCompiled: info.jited_prog_len > 0,
      runTimeNanoseconds: info.run_time_ns, runCount: info.run_cnt, recursionMisses: info.recursion_misses)
  }

  /// What a test run gave.
  public struct TestRun: Sendable {
    /// The program's return value.
    public let returnValue: UInt32
    /// The packet as the program left it; empty when it was not asked for.
    public let packet: [UInt8]
    /// The context as the program left it; empty when none was given.
    public let context: [UInt8]
    /// Nanoseconds per run, averaged by the kernel.
    public let durationNanoseconds: UInt32
  }

  /// Runs the program on a packet (BPF_PROG_TEST_RUN).
  ///
  /// - Parameters:
  ///   - packet: an Ethernet frame of at least 14 octets; `EINVAL` for less.
  ///   - context: `struct __sk_buff` with the members that may be set, as octets; empty for the defaults.
  ///   - repetitions: how often, for timing.
  ///   - wantsPacket: whether the packet is read back; `ENOSPC` when the program added more than 256 octets.
  public func testRun(packet: [UInt8], context: [UInt8] = [], repetitions: Int = 1, wantsPacket: Bool = false)
    throws(BPFError) -> TestRun
  {
    var returnValue: UInt32 = 0
    var duration: UInt32 = 0
    var context = context
    var out = [UInt8](repeating: 0, count: wantsPacket ? packet.count + 256 : 0)
    var outSize = UInt32(out.count)
    let contextSize = UInt32(context.count)
    let result = unsafe packet.withUnsafeBytes { packetBytes in
      unsafe context.withUnsafeMutableBytes { contextBytes in
        unsafe out.withUnsafeMutableBytes { outBytes in
          unsafe clibbpf_test_run(
            descriptor.rawValue, packetBytes.baseAddress, UInt32(packetBytes.count),
            wantsPacket ? outBytes.baseAddress : nil, &outSize,
            contextSize == 0 ? nil : contextBytes.baseAddress,
            contextSize, CInt(repetitions), &returnValue, &duration)
        }
      }
    }
    guard result == 0 else {
      throw BPFError(.testRun, "test run of program \(name)", errno: Errno(rawValue: -result))
    }
    return TestRun(
      returnValue: returnValue, packet: Array(out.prefix(Int(outSize))), context: context,
      durationNanoseconds: duration)
  }

  /// Runs an XDP program on copies of a packet that then take the way of its verdict (Linux 5.18): with `XDP_PASS` they
  /// enter the stack as if they had come in at the interface, which does not count them in its own statistics.
  ///
  /// The kernel keeps the copies and uses them again: the program writes whatever it changes in every run.
  ///
  /// - Parameters:
  ///   - packet: an Ethernet frame.
  ///   - ifindex: where it comes in, an interface of the calling thread's namespace.
  ///   - repetitions: how many copies.
  public func runLive(packet: [UInt8], ifindex: UInt32, repetitions: Int) throws(BPFError) {
    let result = unsafe packet.withUnsafeBytes { bytes in
      unsafe clibbpf_run_live(
        descriptor.rawValue, bytes.baseAddress, UInt32(bytes.count), ifindex, CInt(repetitions))
    }
    guard result == 0 else {
      throw BPFError(.testRun, "live run of program \(name)", errno: Errno(rawValue: -result))
    }
  }

  /// Turns the kernel's run statistics on for as long as the returned link lives (BPF_ENABLE_STATS).
  public static func enableStatistics() throws(BPFError) -> Link {
    let result = bpf_enable_stats(BPF_STATS_RUN_TIME)
    guard result >= 0 else {
      throw BPFError(.feature, "enable BPF statistics", errno: Errno(rawValue: -result))
    }
    return Link(owning: result)
  }
}
