import CLibBPF
import Glibc
import SystemPackage

/// One BPF instruction (Documentation/bpf/standardization/instruction-set.rst), for programs too small for a compiler.
public struct Instruction: Sendable {
  let encoded: bpf_insn

  private init(_ code: UInt32, _ destination: UInt32, _ source: UInt32, _ offset: Int32, _ immediate: Int32) {
    encoded = clibbpf_instruction(code, destination, source, offset, immediate)
  }

  /// `destination = source`, 64 bits.
  public static func move(_ destination: UInt32, _ source: UInt32) -> Instruction {
    Instruction(0xbf, destination, source, 0, 0)
  }

  /// `destination = value`, 64 bits, sign-extended.
  public static func set(_ destination: UInt32, _ value: Int32) -> Instruction {
    Instruction(0xb7, destination, 0, 0, value)
  }

  /// `destination += value`, 64 bits.
  public static func add(_ destination: UInt32, _ value: Int32) -> Instruction {
    Instruction(0x07, destination, 0, 0, value)
  }

  /// `destination = *(u32 *)(base + offset)`.
  public static func load32(_ destination: UInt32, _ base: UInt32, offset: Int32) -> Instruction {
    Instruction(0x61, destination, base, offset, 0)
  }

  /// `*(u32 *)(base + offset) = value`.
  public static func store32(_ base: UInt32, offset: Int32, _ value: Int32) -> Instruction {
    Instruction(0x62, base, 0, offset, value)
  }

  /// `if (register == 0)` skips as many instructions; a map takes two.
  public static func skipIfZero(_ register: UInt32, _ count: Int32) -> Instruction {
    Instruction(0x15, register, 0, count, 0)
  }

  /// `destination = map`: two instructions.
  public static func loadMap(_ destination: UInt32, _ map: Map) -> [Instruction] {
    [Instruction(0x18, destination, 1, 0, map.descriptor.rawValue), Instruction(0, 0, 0, 0, 0)]
  }

  /// Calls a helper by its number (`enum bpf_func_id`).
  public static func call(_ helper: Int32) -> Instruction { Instruction(0x85, 0, 0, 0, helper) }

  /// Returns with register 0.
  public static let exit = Instruction(0x95, 0, 0, 0, 0)
}

extension Program {
  /// Loads a tc program from instructions.
  ///
  /// The maps that they name must be open now; the kernel holds them from then on. Throws the verifier's verdict,
  /// its telling line first, when the kernel refuses the program.
  public static func load(_ instructions: [Instruction], name: String) throws(BPFError) -> Program {
    try load(encoded: instructions.map(\.encoded), name: name)
  }

  static func load(encoded: [bpf_insn], name: String) throws(BPFError) -> Program {
    let result = unsafe clibbpf_load(name, encoded, encoded.count, nil, 0)
    guard result >= 0 else {
      throw BPFError(
        .load, "load BPF program \(name)", errno: Errno(rawValue: -result), log: verdict(encoded, name))
    }
    defer { close(result) }
    return try Program(duplicating: result, name: name)
  }

  /// What the verifier says of a program that it refuses: a second try, as a log costs more than the first.
  private static func verdict(_ instructions: [bpf_insn], _ name: String) -> String {
    // Pages that the kernel does not write to take no memory.
    let size = 16 << 20
    guard let log = unsafe malloc(size)?.assumingMemoryBound(to: CChar.self) else { return "" }
    defer { unsafe free(log) }
    unsafe log[0] = 0
    let result = unsafe clibbpf_load(name, instructions, instructions.count, log, size)
    if result >= 0 { close(result) }
    return unsafe String(cString: log)
  }

  /// Loads a tc program that lets every frame pass: for probes, and as a benchmark's floor.
  public static func trivial() throws(BPFError) -> Program {
    try load([.set(0, -1), .exit], name: "macvtrace_probe")
  }
}
