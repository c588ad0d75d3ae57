import CLibBPF
import Glibc
import SystemPackage

/// The places in a program where a constant stands that each copy of the program has another value for.
public struct ProgramConstant: Sendable {
  /// The program's name in its object.
  let program: String
  /// The numbers of the instructions that move the constant into a register.
  private let places: [Int]

  /// `dst = immediate`, 64 and 32 bits.
  private static let moves: Set<UInt8> = [0xb7, 0xb4]

  /// Finds them. Throws `EINVAL` where the program nowhere holds the placeholder.
  init(_ placeholder: Int32, in program: String, _ instructions: UnsafeBufferPointer<bpf_insn>)
    throws(BPFError)
  {
    places = instructions.indices.filter { index in
      let instruction = unsafe instructions[index]
      return Self.moves.contains(instruction.code) && instruction.imm == placeholder
    }
    guard !places.isEmpty else {
      throw BPFError(.load, "program \(program) does not hold its placeholder", errno: .invalidArgument)
    }
    self.program = program
  }

  /// Gives it a value in a copy of the program's instructions.
  func set(_ value: Int32, in instructions: inout [bpf_insn]) {
    for place in places { instructions[place].imm = value }
  }
}

/// A tc program of a loaded object, to be loaded again with another constant.
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
  public func load(_ value: Int32, name: String) throws(BPFError) -> Program {
    var copy = instructions
    constant.set(value, in: &copy)
    return try Program.load(encoded: copy, name: name)
  }
}
