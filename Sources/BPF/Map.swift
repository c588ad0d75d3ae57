import CLibBPF
import Glibc
import SystemPackage

/// The CPUs that the running kernel could ever have: the number of values of a per-CPU map's entry.
public func possibleCPUCount() -> Int {
  max(1, Int(libbpf_num_possible_cpus()))
}

/// A map in the kernel.
public struct Map: Sendable {
  /// Its name in the object.
  public let name: String
  /// Octets of a key.
  public let keySize: Int
  /// Octets of a value, on one CPU.
  public let valueSize: Int
  /// The most entries it holds; octets for a ring buffer.
  public let maxEntries: Int
  /// `enum bpf_map_type`.
  public let type: UInt32
  /// The kernel's id of the map, as `bpftool map` shows it.
  public let id: UInt32
  let descriptor: Descriptor

  init(duplicating fileDescriptor: CInt, name: String) throws(BPFError) {
    self.name = name
    do {
      descriptor = try Descriptor(duplicating: fileDescriptor)
    } catch {
      throw BPFError(.map, "descriptor of map \(name)", errno: error)
    }
    var info = bpf_map_info()
    let result = unsafe clibbpf_map_info(descriptor.rawValue, &info)
    guard result == 0 else {
      throw BPFError(.map, "information about map \(name)", errno: Errno(rawValue: -result))
    }
    keySize = Int(info.key_size)
    valueSize = Int(info.value_size)
    maxEntries = Int(info.max_entries)
    type = info.type
    id = info.id
  }

  /// Makes a map that no object declares.
  public static func create(
    type: UInt32, keySize: UInt32, valueSize: UInt32, maxEntries: UInt32, flags: UInt32 = 0, name: String
  ) throws(BPFError) -> Map {
    let result = unsafe clibbpf_map_create(
      bpf_map_type(rawValue: type), name, keySize, valueSize, maxEntries, flags)
    guard result >= 0 else { throw BPFError(.map, "create map \(name)", errno: Errno(rawValue: -result)) }
    defer { close(result) }
    return try Map(duplicating: result, name: name)
  }

  /// Makes an array whose values can be mapped into memory. Throws `E2BIG` where the kernel takes no value of that size:
  /// before Linux 6.0 or so beyond 4 MiB.
  public static func mappableArray(of entries: Int, valueSize: Int, name: String) throws(BPFError) -> Map {
    guard let count = UInt32(exactly: entries), let size = UInt32(exactly: valueSize) else {
      throw BPFError(.map, "create map \(name)", errno: Errno(rawValue: E2BIG))
    }
    return try create(
      type: BPF_MAP_TYPE_ARRAY.rawValue, keySize: 4, valueSize: size, maxEntries: count,
      flags: UInt32(BPF_F_MMAPABLE), name: name)
  }

  /// Whether every entry has one value for each possible CPU.
  public var isPerCPU: Bool {
    [BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_LRU_PERCPU_HASH].contains {
      $0.rawValue == type
    }
  }

  /// Puts a program into an array of programs, for tail calls.
  public func set(_ index: UInt32, to program: Program) throws(BPFError) {
    var key = index
    var value = program.descriptor.rawValue
    let result = unsafe bpf_map_update_elem(descriptor.rawValue, &key, &value, UInt64(BPF_ANY))
    guard result == 0 else {
      throw BPFError(.map, "set a program of map \(name)", errno: Errno(rawValue: -result))
    }
  }

  /// Maps an array's values into this process (BPF_F_MMAPABLE): read while programs write, no system call.
  public func mapped(writable: Bool = false) throws(BPFError) -> MappedArray {
    try MappedArray(map: self, writable: writable)
  }
}
