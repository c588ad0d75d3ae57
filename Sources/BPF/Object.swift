import CLibBPF
import Glibc
import SystemPackage

/// Collects what libbpf prints on this thread while `body` runs.
func withLibBPFLog<Result, Failure: Error>(
  _ body: (_ log: () -> String) throws(Failure) -> Result
) throws(Failure) -> Result {
  let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CLIBBPF_LOG_SIZE))
  unsafe clibbpf_collect_log(buffer)
  defer {
    clibbpf_collect_log(nil)
    unsafe buffer.deallocate()
  }
  return try body { unsafe String(cString: buffer) }
}

/// libbpf's object, closed when its last owner goes.
@safe private final class ObjectHandle {
  let pointer: OpaquePointer

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
  /// BTF_KIND_DATASEC, which the header gives both as a macro and as an enumerator.
  private static let dataSection: UInt32 = 15

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

  /// Uses an existing map in place of the object's own of that name; types and sizes must agree.
  public func reuse(map: String, _ existing: Map) throws(BPFError) {
    let result = unsafe bpf_map__reuse_fd(try mapPointer(map), existing.descriptor.rawValue)
    guard result == 0 else { throw BPFError(.map, "reuse map \(map)", errno: Errno(rawValue: -result)) }
  }

  /// Says whether a program is loaded with the object.
  public func setAutoload(program: String, _ load: Bool) throws(BPFError) {
    guard let pointer = unsafe bpf_object__find_program_by_name(object, program) else {
      throw BPFError(.notFound, "program \(program) in BPF object \(name)", errno: .noSuchFileOrDirectory)
    }
    unsafe bpf_program__set_autoload(pointer, load)
  }

  /// Sets a global variable, by default a `const volatile` one, before it is frozen.
  ///
  /// The variable's place comes from the object's BTF; its size must be the value's.
  public func setGlobal<Value: BitwiseCopyable>(
    _ variable: String, to value: Value, section: String = ".rodata"
  )
    throws(BPFError)
  {
    let (offset, size) = try place(of: variable, section: section)
    var length = 0
    guard size == MemoryLayout<Value>.size,
      let map = unsafe bpf_object__find_map_by_name(object, mapName(section)),
      let memory = unsafe bpf_map__initial_value(map, &length), offset + size <= length
    else {
      throw BPFError(.map, "set \(variable) of \(size) octets in BPF object \(name)", errno: .invalidArgument)
    }
    unsafe UnsafeMutableRawPointer(mutating: memory).storeBytes(
      of: value, toByteOffset: offset, as: Value.self)
  }

  /// libbpf names the map of a data section after the object, cut to 15 characters with the section kept.
  private func mapName(_ section: String) -> String {
    let prefix = name.prefix(max(0, 15 - section.utf8.count))
    return prefix + section
  }

  private func place(of variable: String, section: String) throws(BPFError) -> (offset: Int, size: Int) {
    let missing = BPFError(
      .notFound, "global \(variable) in BPF object \(name)", errno: .noSuchFileOrDirectory)
    guard let btf = unsafe bpf_object__btf(object) else { throw missing }
    let id = unsafe btf__find_by_name_kind(btf, section, Self.dataSection)
    guard id > 0, let type = unsafe btf__type_by_id(btf, UInt32(id)) else { throw missing }
    let count = unsafe Int(type.pointee.info & 0xffff)
    let entries = unsafe UnsafeRawPointer(type).advanced(by: MemoryLayout<btf_type>.size)
      .assumingMemoryBound(to: btf_var_secinfo.self)
    for index in 0..<count {
      let entry = unsafe entries[index]
      guard let variableType = unsafe btf__type_by_id(btf, entry.type),
        let found = unsafe btf__name_by_offset(btf, variableType.pointee.name_off)
      else { continue }
      if unsafe String(cString: found) == variable { return (Int(entry.offset), Int(entry.size)) }
    }
    throw missing
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
    guard let pointer = unsafe bpf_object__find_program_by_name(object, program) else {
      throw BPFError(.notFound, "program \(program) in BPF object \(name)", errno: .noSuchFileOrDirectory)
    }
    return try Program(duplicating: unsafe bpf_program__fd(pointer), name: program)
  }

  /// The map of that name.
  public func map(_ map: String) throws(BPFError) -> Map {
    guard let pointer = unsafe bpf_object__find_map_by_name(object, map) else {
      throw BPFError(.notFound, "map \(map) in BPF object \(name)", errno: .noSuchFileOrDirectory)
    }
    return try Map(duplicating: unsafe bpf_map__fd(pointer), name: map)
  }
}
