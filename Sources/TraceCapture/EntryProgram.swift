import BPF

/// The programs that are attached to one interface: each says which hook it is and goes on to bpf/frames.bpf.c.
///
/// One program for all hooks could only tell them apart by the interface index, which repeats across namespaces; a
/// copy of the whole program for each costs 20 to 40 ms to verify. These few instructions cost 0.1 ms.
struct EntryPrograms: Sendable {
  let ingress: Program
  let egress: Program

  /// Loads both for the interface whose ingress hook has that number; egress has the next.
  init(ingressHook: UInt16, maps: SharedMaps) throws(BPFError) {
    ingress = try Self.load(hook: ingressHook, name: "macvtrace_in", maps)
    egress = try Self.load(hook: ingressHook + 1, name: "macvtrace_out", maps)
  }

  private static let mapLookup: Int32 = 1
  private static let tailCall: Int32 = 12

  private static func load(hook: UInt16, name: String, _ maps: SharedMaps) throws(BPFError) -> Program {
    var code: [Instruction] = [.move(6, 1), .store32(10, offset: -4, 0)]
    code += Instruction.loadMap(1, maps.currentHook)
    code += [.move(2, 10), .add(2, -4), .call(mapLookup), .skipIfZero(0, 6)]
    code += [.store32(0, offset: 0, Int32(hook)), .move(1, 6)]
    code += Instruction.loadMap(2, maps.stages)
    // A tail call returns only when there is no such stage; the frame passes then as in every other case.
    code += [.set(3, 0), .call(tailCall), .set(0, -1), .exit]
    return try Program.load(code, name: name)
  }
}
