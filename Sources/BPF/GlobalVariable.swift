import CLibBPF
import SystemPackage

/// A global variable of programs in the kernel, mapped into this process: no system call to read or to set it.
public struct GlobalVariable<Value: BitwiseCopyable & Sendable>: Sendable {
  private let name: String
  private let section: MappedArray
  private let offset: Int
  private let isConstant: Bool

  init(_ name: String, of map: Map, offset: Int) throws(BPFError) {
    self.name = name
    self.offset = offset
    isConstant = map.name.hasPrefix(".rodata")
    section = try map.mapped(writable: !isConstant)
  }

  /// What it is now. Programs change it meanwhile, and nothing orders that with their other writes.
  public var value: Value {
    unsafe section.bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
  }

  /// Sets it for all programs that use it. Throws `EPERM` for a constant, which loading froze.
  public func set(_ value: Value) throws(BPFError) {
    guard !isConstant else { throw BPFError(.map, "set the constant \(name)", errno: .notPermitted) }
    unsafe section.bytes.storeBytes(of: value, toByteOffset: offset, as: Value.self)
  }
}

/// BTF_KIND_DATASEC, which the header gives both as a macro and as an enumerator.
private let dataSection: UInt32 = 15

/// Where a variable stands in its section, as the object's BTF says, in octets.
func place(of variable: String, section: String, in object: OpaquePointer, _ name: String) throws(BPFError)
  -> (offset: Int, size: Int)
{
  let missing = BPFError(
    .notFound, "global \(variable) in \(section) of BPF object \(name)", errno: .noSuchFileOrDirectory)
  guard let btf = unsafe bpf_object__btf(object) else { throw missing }
  let id = unsafe btf__find_by_name_kind(btf, section, dataSection)
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
