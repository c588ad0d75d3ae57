import CLibBPF
import Glibc
import SystemPackage

/// A tc program of a loaded object, to be loaded again with other constants.
///
/// A copy costs only its own verification. The program must not call functions of its own: those need the object's
/// BTF.
public struct ProgramTemplate: Sendable {
  let instructions: [bpf_insn]
  /// Its maps stand in the instructions by descriptor: they must stay open.
  let object: ObjectHandle
  let name: String

  /// `dst = immediate`, 64 and 32 bits.
  private static let moves: Set<UInt8> = [0xb7, 0xb4]

  /// Loads a copy in which a constant is another.
  ///
  /// - Parameters:
  ///   - placeholder: an immediate operand that the program moves into a register exactly once.
  ///   - value: what stands there in the copy.
  ///   - name: what the kernel calls the copy, at most 15 characters.
  public func load(replacing placeholder: Int32, by value: Int32, name: String) throws(BPFError) -> Program {
    var copy = instructions
    let places = copy.indices.filter { Self.moves.contains(copy[$0].code) && copy[$0].imm == placeholder }
    guard let place = places.first, places.count == 1 else {
      throw BPFError(
        .load, "program \(self.name) holds its placeholder \(places.count) times", errno: .invalidArgument)
    }
    copy[place].imm = value
    return try Program.load(encoded: copy, name: name)
  }
}
