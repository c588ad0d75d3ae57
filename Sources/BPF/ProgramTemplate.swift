import CLibBPF
import Glibc
import SystemPackage

/// The places in a program where a constant stands that the loader gives another value.
public struct ProgramConstant: Sendable {
  /// The program's name in its object.
  let program: String
  /// The instructions that hold the constant in their 32 bits.
  private let narrow: [Int]
  /// Those that hold it in their own 32 bits and the next one's.
  private let wide: [Int]

  /// Finds them: what the program moves into a register, or computes with. What it compares with is none. Throws
  /// `EINVAL` where the program nowhere holds the placeholder.
  init(_ placeholder: Int32, in program: String, _ instructions: UnsafeBufferPointer<bpf_insn>)
    throws(BPFError)
  {
    let places = instructions.indices.filter { unsafe instructions[$0].imm == placeholder }
    narrow = places.filter { unsafe instructions[$0].computesWithImmediate }
    wide = unsafe Self.wideMoves(of: placeholder, in: instructions)
    guard !narrow.isEmpty || !wide.isEmpty else {
      throw BPFError(.load, "program \(program) does not hold its placeholder", errno: .invalidArgument)
    }
    self.program = program
  }

  /// Where a program moves a number of 32 bits into a register as a constant of 64.
  static func wideMoves<Instructions: Collection>(of number: Int32, in instructions: Instructions) -> [Int]
  where Instructions.Element == bpf_insn, Instructions.Index == Int {
    zip(instructions.indices, zip(instructions, instructions.dropFirst())).compactMap { place, move in
      move.0.isWideMove && move.0.imm == number && move.1.imm == 0 ? place : nil
    }
  }

  /// Gives it a value in a copy of the program's instructions. Throws `ERANGE` where one holds 32 bits alone and the
  /// value, a signed number, does not fit.
  func set(_ value: Int64, in instructions: inout [bpf_insn]) throws(BPFError) {
    let low = Int32(truncatingIfNeeded: value)
    guard narrow.isEmpty || Int64(low) == value else {
      throw BPFError(.load, "\(value) in program \(program)", errno: Errno(rawValue: ERANGE))
    }
    for place in narrow { instructions[place].imm = low }
    for place in wide {
      instructions[place].imm = low
      instructions[place + 1].imm = Int32(truncatingIfNeeded: value >> 32)
    }
  }
}

extension bpf_insn {
  /// Moves, computes or shifts with its immediate operand, by 64 bits or 32.
  fileprivate var computesWithImmediate: Bool {
    let kind = Int32(code) & 7
    return (kind == BPF_ALU64 || kind == BPF_ALU) && Int32(code) & BPF_X == 0
  }

  /// `dst = immediate`, of two instructions, where the immediate operand is a number.
  fileprivate var isWideMove: Bool { code == UInt8(BPF_LD | BPF_IMM | BPF_DW) && src_reg == 0 }
}

/// A tc program of a loaded object, to be loaded again with one of its constants another.
///
/// A copy costs only its own verification. The program must not call functions of its own: those need the object's
/// BTF.
public struct ProgramTemplate: Sendable {
  let instructions: [bpf_insn]
  let constant: ProgramConstant
  /// Its maps stand in the instructions by descriptor: they must stay open.
  let object: ObjectHandle

  /// Loads a copy.
  ///
  /// - Parameters:
  ///   - value: what the constant is in the copy.
  ///   - name: what the kernel calls the copy, at most 15 characters.
  public func load(_ value: Int64, name: String) throws(BPFError) -> Program {
    var copy = instructions
    try constant.set(value, in: &copy)
    return try Program.load(encoded: copy, name: name)
  }
}
