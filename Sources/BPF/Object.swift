import CLibBPF
import Glibc
import SystemPackage

/// libbpf's object, closed when its last owner goes.
///
/// Sendable: after the load nothing in it changes.
@safe final class ObjectHandle: @unchecked Sendable {
  let pointer: OpaquePointer
  /// Those whose descriptors stand in instructions.
  fileprivate(set) var addressed: [Map] = []

  init(owning pointer: OpaquePointer) {
    unsafe self.pointer = unsafe pointer
  }

  deinit {
    unsafe bpf_object__close(pointer)
  }
}

/// A BPF object file that was read and not loaded yet: maps can still be sized, globals still be set.
///
/// Loading consumes it, so that what must come before cannot come after.
@safe public struct OpenObject: ~Copyable {
  private let handle: ObjectHandle
  private var object: OpaquePointer { unsafe handle.pointer }
  private let name: String

  /// Reads an ELF object. Malformed bytes give an error.
  ///
  /// - Parameters:
  ///   - bytes: the object as clang wrote it, BTF included.
  ///   - name: what error messages call it.
  public init(bytes: UnsafeRawBufferPointer, name: String) throws(BPFError) {
    self.name = name
    handle = try withLibBPFLog { log throws(BPFError) -> ObjectHandle in
      guard let object = unsafe clibbpf_open(bytes.baseAddress, bytes.count, name) else {
        throw BPFError(.open, "open BPF object \(name)", errno: Errno(rawValue: errno), log: log())
      }
      return unsafe ObjectHandle(owning: object)
    }
  }

  private func mapPointer(_ map: String) throws(BPFError) -> OpaquePointer {
    guard let pointer = unsafe bpf_object__find_map_by_name(object, map) else {
      throw BPFError(.notFound, "map \(map) in BPF object \(name)", errno: .noSuchFileOrDirectory)
    }
    return unsafe pointer
  }

  /// Sets how many entries a map has; octets for a ring buffer.
  public func setMaxEntries(map: String, _ count: UInt32) throws(BPFError) {
    let result = unsafe bpf_map__set_max_entries(try mapPointer(map), count)
    guard result == 0 else {
      throw BPFError(.map, "size map \(map) to \(count)", errno: Errno(rawValue: -result))
    }
  }

  /// Sets the size of a map's values, in octets; the map must be declared without the type of its values.
  public func setValueSize(map: String, _ size: UInt32) throws(BPFError) {
    let result = unsafe bpf_map__set_value_size(try unsafe mapPointer(map), size)
    guard result == 0 else {
      throw BPFError(.map, "size the values of map \(map) to \(size)", errno: Errno(rawValue: -result))
    }
  }

  /// Uses an existing map in place of the object's own of that name. Throws `EINVAL` where their types or the sizes
  /// of their keys or values differ: libbpf would leave that to the verifier, or to chance.
  public func reuse(map: String, _ existing: Map) throws(BPFError) {
    let own = try unsafe mapPointer(map)
    guard unsafe bpf_map__type(own).rawValue == existing.type,
      unsafe bpf_map__key_size(own) == existing.keySize, unsafe bpf_map__value_size(own) == existing.valueSize
    else { throw BPFError(.map, "reuse map \(existing.name) as \(map)", errno: .invalidArgument) }
    let result = unsafe bpf_map__reuse_fd(own, existing.descriptor.rawValue)
    guard result == 0 else { throw BPFError(.map, "reuse map \(map)", errno: Errno(rawValue: -result)) }
  }

  /// Says whether a program is loaded with the object.
  public func setAutoload(program: String, _ load: Bool) throws(BPFError) {
    unsafe bpf_program__set_autoload(try programPointer(program, in: object, name), load)
  }

  /// Sets a global variable, by default a `const volatile` one, before it is frozen.
  ///
  /// The variable's place comes from the object's BTF; its size must be the value's, else `EINVAL`. Other sections
  /// are `.data` (initialized variables) and `.bss` (those that start as zero).
  public func setGlobal<Value: BitwiseCopyable>(
    _ variable: String, to value: Value, section: String = ".rodata"
  )
    throws(BPFError)
  {
    let (offset, size) = try unsafe place(of: variable, section: section, in: object, name)
    var length = 0
    guard size == MemoryLayout<Value>.size,
      // libbpf finds the map of a data section by the section's name, whatever it calls the map.
      let map = unsafe bpf_object__find_map_by_name(object, section),
      let memory = unsafe bpf_map__initial_value(map, &length), offset + size <= length
    else {
      throw BPFError(.map, "set \(variable) of \(size) octets in BPF object \(name)", errno: .invalidArgument)
    }
    unsafe UnsafeMutableRawPointer(mutating: memory).storeBytes(
      of: value, toByteOffset: offset, as: Value.self)
  }

  /// Finds a constant of a program that the loader gives a value, or each copy of the program another one; see
  /// `LoadedObject.template`.
  ///
  /// - Parameter placeholder: an immediate operand that the program moves into a register or computes with, once or in
  ///   several places.
  public func constant(_ placeholder: Int32, in program: String) throws(BPFError) -> ProgramConstant {
    let instructions = unsafe instructions(of: try programPointer(program, in: object, name))
    return try unsafe ProgramConstant(placeholder, in: program, instructions)
  }

  /// Sets such a constant in the program that is loaded with the object.
  public func set(_ constant: ProgramConstant, to value: Int64) throws(BPFError) {
    let program = try unsafe programPointer(constant.program, in: object, name)
    var copy = unsafe Array(instructions(of: program))
    try constant.set(value, in: &copy)
    try unsafe replaceInstructions(
      of: program, by: &copy, to: "set a constant of program \(constant.program)")
  }

  /// Gives a program the address of an array's first value, so that it need not look it up: wherever the program moves
  /// the placeholder, as a constant of 64 bits, into a register. Throws `EINVAL` where it nowhere does.
  public func setAddress(of array: Map, for placeholder: Int32, in program: String) throws(BPFError) {
    let pointer = try unsafe programPointer(program, in: object, name)
    var copy = unsafe Array(instructions(of: pointer))
    let places = ProgramConstant.wideMoves(of: placeholder, in: copy)
    for place in places {
      copy[place].src_reg = UInt8(BPF_PSEUDO_MAP_VALUE)
      copy[place].imm = array.descriptor.rawValue
    }
    let step = "set the address of map \(array.name) in program \(program)"
    guard !places.isEmpty else { throw BPFError(.load, step, errno: .invalidArgument) }
    handle.addressed.append(array)
    try unsafe replaceInstructions(of: pointer, by: &copy, to: step)
  }

  private func replaceInstructions(
    of program: OpaquePointer, by instructions: inout [bpf_insn], to step: String
  ) throws(BPFError) {
    let result = unsafe bpf_program__set_insns(program, &instructions, instructions.count)
    guard result == 0 else { throw BPFError(.load, step, errno: Errno(rawValue: -result)) }
  }

  /// Loads every program and map into the kernel.
  ///
  /// Throws the verifier's verdict, its telling line first, when the kernel refuses a program.
  public consuming func load() throws(BPFError) -> LoadedObject {
    try withLibBPFLog { log throws(BPFError) in
      let result = unsafe bpf_object__load(object)
      guard result == 0 else {
        throw BPFError(.load, "load BPF object \(name)", errno: Errno(rawValue: -result), log: log())
      }
    }
    return LoadedObject(handle: handle, name: name)
  }
}

/// A BPF object whose programs and maps are in the kernel.
///
/// `Program` and `Map` values keep descriptors of their own: they may outlive the object.
@safe public struct LoadedObject: ~Copyable {
  private let handle: ObjectHandle
  private var object: OpaquePointer { unsafe handle.pointer }
  private let name: String

  fileprivate init(handle: ObjectHandle, name: String) {
    self.handle = handle
    self.name = name
  }

  /// The program of that name.
  public func program(_ program: String) throws(BPFError) -> Program {
    try Program(
      duplicating: unsafe bpf_program__fd(try programPointer(program, in: object, name)), name: program)
  }

  /// The map of that name; that of a data section has the section's name, such as `.bss`.
  public func map(_ map: String) throws(BPFError) -> Map {
    guard let pointer = unsafe bpf_object__find_map_by_name(object, map) else {
      throw BPFError(.notFound, "map \(map) in BPF object \(name)", errno: .noSuchFileOrDirectory)
    }
    return try Map(duplicating: unsafe bpf_map__fd(pointer), name: map)
  }
  /// A global variable of that name in `.bss` (those that start as zero), `.data` or `.rodata`.
  ///
  /// Throws `EINVAL` where its size is not that of `Value`.
  public func global<Value: BitwiseCopyable & Sendable>(
    _ variable: String, as type: Value.Type, section: String = ".bss"
  ) throws(BPFError) -> GlobalVariable<Value> {
    let (offset, size) = try unsafe place(of: variable, section: section, in: object, name)
    guard size == MemoryLayout<Value>.size else {
      throw BPFError(.map, "\(variable) of \(size) octets in BPF object \(name)", errno: .invalidArgument)
    }
    return try GlobalVariable(variable, of: map(section), offset: offset)
  }

  /// The program in which a constant stands, as a template for copies that have another.
  public func template(_ constant: ProgramConstant) throws(BPFError) -> ProgramTemplate {
    let program = try unsafe programPointer(constant.program, in: object, name)
    return ProgramTemplate(
      instructions: unsafe Array(instructions(of: program)), constant: constant, object: handle)
  }
}

private func programPointer(_ program: String, in object: OpaquePointer, _ name: String) throws(BPFError)
  -> OpaquePointer
{
  guard let pointer = unsafe bpf_object__find_program_by_name(object, program) else {
    throw BPFError(.notFound, "program \(program) in BPF object \(name)", errno: .noSuchFileOrDirectory)
  }
  return unsafe pointer
}

/// A program's instructions: as they stand in the object, or, once that is loaded, as they went to the kernel.
private func instructions(of program: OpaquePointer) -> UnsafeBufferPointer<bpf_insn> {
  unsafe UnsafeBufferPointer(start: bpf_program__insns(program), count: Int(bpf_program__insn_cnt(program)))
}
