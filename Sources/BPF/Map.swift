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

/// A map seen with the types of its keys and values.
public struct TypedMap<Key: BitwiseCopyable & Sendable, Value: BitwiseCopyable & Sendable>: Sendable {
  private let map: Map
  private let cpus: Int
  private let stride: Int

  /// Takes a map whose key and value sizes are those of the types; otherwise throws `EINVAL`.
  public init(_ map: Map, key: Key.Type = Key.self, value: Value.Type = Value.self) throws(BPFError) {
    guard map.keySize == MemoryLayout<Key>.size, map.valueSize == MemoryLayout<Value>.size else {
      throw BPFError(
        .map, "map \(map.name) has keys of \(map.keySize) and values of \(map.valueSize) octets",
        errno: .invalidArgument)
    }
    self.map = map
    cpus = map.isPerCPU ? possibleCPUCount() : 1
    // The kernel rounds each CPU's value up to 8 octets; a plain map's value stands as it is.
    stride = map.isPerCPU ? (map.valueSize + 7) & ~7 : map.valueSize
  }

  private func failure(_ what: String, _ result: CInt) -> BPFError {
    BPFError(.map, "\(what) map \(map.name)", errno: Errno(rawValue: -result))
  }

  private func decode(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> [Value] {
    (0..<cpus).map { unsafe bytes.loadUnaligned(fromByteOffset: offset + $0 * stride, as: Value.self) }
  }

  /// The values of a key, one for each possible CPU of a per-CPU map, else one; `nil` when there is no entry.
  public func lookup(_ key: Key) throws(BPFError) -> [Value]? {
    var key = key
    var bytes = [UInt8](repeating: 0, count: cpus * stride)
    let result = unsafe bytes.withUnsafeMutableBytes {
      unsafe bpf_map_lookup_elem(map.descriptor.rawValue, &key, $0.baseAddress)
    }
    if result == -ENOENT { return nil }
    guard result == 0 else { throw failure("look up in", result) }
    return unsafe bytes.withUnsafeBytes { unsafe decode($0, at: 0) }
  }

  /// Sets the value of a key; on every CPU of a per-CPU map.
  public func update(_ key: Key, to value: Value) throws(BPFError) {
    var key = key
    var bytes = [UInt8](repeating: 0, count: cpus * stride)
    let result = unsafe bytes.withUnsafeMutableBytes { buffer in
      for cpu in 0..<cpus { unsafe buffer.storeBytes(of: value, toByteOffset: cpu * stride, as: Value.self) }
      return unsafe bpf_map_update_elem(map.descriptor.rawValue, &key, buffer.baseAddress, UInt64(BPF_ANY))
    }
    guard result == 0 else { throw failure("update", result) }
  }

  /// Deletes a key; one that is not there is no error.
  public func delete(_ key: Key) throws(BPFError) {
    var key = key
    let result = unsafe bpf_map_delete_elem(map.descriptor.rawValue, &key)
    guard result == 0 || result == -ENOENT else { throw failure("delete from", result) }
  }

  /// Every entry, in the kernel's order: in batches where the kernel has them (Linux 5.6), else key by key.
  public func entries() throws(BPFError) -> [(key: Key, values: [Value])] {
    if let entries = try batchedEntries() { return entries }
    var entries: [(key: Key, values: [Value])] = []
    var current: Key? = nil
    while let next = try nextKey(after: current) {
      if let values = try lookup(next) { entries.append((next, values)) }
      current = next
    }
    return entries
  }

  private func nextKey(after key: Key?) throws(BPFError) -> Key? {
    var bytes = [UInt8](repeating: 0, count: MemoryLayout<Key>.size)
    let result = unsafe bytes.withUnsafeMutableBytes { buffer in
      if var key { return unsafe bpf_map_get_next_key(map.descriptor.rawValue, &key, buffer.baseAddress) }
      return unsafe bpf_map_get_next_key(map.descriptor.rawValue, nil, buffer.baseAddress)
    }
    if result == -ENOENT { return nil }
    guard result == 0 else { throw failure("walk", result) }
    return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: Key.self) }
  }

  private func batchedEntries() throws(BPFError) -> [(key: Key, values: [Value])]? {
    let batch = 2048
    var entries: [(key: Key, values: [Value])] = []
    var keys = [UInt8](repeating: 0, count: batch * MemoryLayout<Key>.size)
    var values = [UInt8](repeating: 0, count: batch * cpus * stride)
    // The cursor is a key for arrays and a bucket number for hash maps: room for either.
    var cursor = [UInt8](repeating: 0, count: max(8, MemoryLayout<Key>.size))
    var isFirst = true
    while true {
      var count = UInt32(batch)
      let input = cursor
      let result = unsafe keys.withUnsafeMutableBytes { keyBytes in
        unsafe values.withUnsafeMutableBytes { valueBytes in
          unsafe cursor.withUnsafeMutableBytes { next in
            unsafe input.withUnsafeBytes { previous in
              unsafe clibbpf_lookup_batch(
                map.descriptor.rawValue,
                isFirst ? nil : UnsafeMutableRawPointer(mutating: previous.baseAddress), next.baseAddress,
                keyBytes.baseAddress, valueBytes.baseAddress, &count)
            }
          }
        }
      }
      if isFirst, result == -ENOTSUP || result == -EINVAL || result == -524 { return nil }
      guard result == 0 || result == -ENOENT else { throw failure("read", result) }
      for index in 0..<Int(count) {
        let key = unsafe keys.withUnsafeBytes {
          unsafe $0.loadUnaligned(fromByteOffset: index * MemoryLayout<Key>.size, as: Key.self)
        }
        entries.append((key, unsafe values.withUnsafeBytes { unsafe decode($0, at: index * cpus * stride) }))
      }
      if result == -ENOENT { return entries }
      isFirst = false
    }
  }
}
