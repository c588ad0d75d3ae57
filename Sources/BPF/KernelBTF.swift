import CLibBPF
import Glibc
import SystemPackage

/// The running kernel's own description of its types. Loading it costs some 13 ms and 10 MB: make one, ask, drop it.
@safe public struct KernelBTF: ~Copyable {
  private let btf: OpaquePointer

  /// Loads /sys/kernel/btf/vmlinux.
  public init() throws(BPFError) {
    guard let btf = unsafe btf__load_vmlinux_btf() else {
      throw BPFError(.feature, "load the kernel's BTF", errno: Errno(rawValue: errno))
    }
    unsafe self.btf = btf
  }

  deinit {
    unsafe btf__free(btf)
  }

  private func name(_ offset: UInt32) -> String {
    guard let text = unsafe btf__name_by_offset(btf, offset) else { return "" }
    return unsafe String(cString: text)
  }

  /// The members of an enumeration, by value; empty when the kernel has none of that name.
  public func enumerators(of enumeration: String) -> [UInt32: String] {
    let id = unsafe btf__find_by_name_kind(btf, enumeration, UInt32(BTF_KIND_ENUM))
    guard id > 0, let type = unsafe btf__type_by_id(btf, UInt32(id)) else { return [:] }
    let count = unsafe Int(type.pointee.info & 0xffff)
    let members = unsafe UnsafeRawPointer(type).advanced(by: MemoryLayout<btf_type>.size)
      .assumingMemoryBound(to: btf_enum.self)
    var names: [UInt32: String] = [:]
    for index in 0..<count {
      let member = unsafe members[index]
      names[UInt32(bitPattern: member.val)] = name(member.name_off)
    }
    return names
  }

  /// How many arguments a tracepoint hands to a `tp_btf` program; `nil` when the kernel has no such tracepoint.
  public func tracepointArgumentCount(_ tracepoint: String) -> Int? {
    let id = unsafe btf__find_by_name_kind(btf, "btf_trace_" + tracepoint, UInt32(BTF_KIND_TYPEDEF))
    guard id > 0, let alias = unsafe btf__type_by_id(btf, UInt32(id)),
      let pointer = unsafe btf__type_by_id(btf, alias.pointee.type),
      let prototype = unsafe btf__type_by_id(btf, pointer.pointee.type)
    else { return nil }
    // The first parameter is the tracepoint's own data, which programs do not see.
    return unsafe Int(prototype.pointee.info & 0xffff) - 1
  }
}
