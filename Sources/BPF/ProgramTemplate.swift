import CLibBPF
import Glibc
import SystemPackage

/// A place in a program where a constant stands that each copy of the program has another value for.
public struct ProgramConstant: Sendable {
  /// The program's name in its object.
  let program: String
  /// The number of the instruction that moves the constant into a register.
  let place: Int

  /// `dst = immediate`, 64 and 32 bits.
  private static let moves: Set<UInt8> = [0xb7, 0xb4]

  /// Finds it. Throws `EINVAL` unless the program holds the placeholder exactly once.
  init(_ placeholder: Int32, in program: String, _ instructions: UnsafeBufferPointer<bpf_insn>)
    throws(BPFError)
  {
    let places = instructions.indices.filter { index in
      let instruction = unsafe instructions[index]
      return Self.moves.contains(instruction.code) && instruction.imm == placeholder
    }
    guard let place = places.first, places.count == 1 else {
      throw BPFError(
        .load, "program \(program) holds its placeholder \(places.count) times", errno: .invalidArgument)
    }
    self.program = program
    self.place = place
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
    copy[constant.place].imm = value
    return try Program.load(encoded: copy, name: name)
  }
}
