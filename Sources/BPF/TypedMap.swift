import CLibBPF
import Glibc
import SystemPackage

/// A map seen with the types of its keys and values.
public struct TypedMap<Key: BitwiseCopyable & Sendable, Value: BitwiseCopyable & Sendable>: Sendable {
  let map: Map
  /// Values of an entry, and the octets from one to the next.
  let cpus: Int, stride: Int

  /// Takes a map whose key and value sizes are those of the types; otherwise throws `EINVAL`.
  ///
  /// A Swift structure has no padding at its end, and what it has between members is of no defined value: lay keys
  /// down in C, or without gaps.
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

  func failure(_ what: String, _ result: CInt) -> BPFError {
    BPFError(.map, "\(what) map \(map.name)", errno: Errno(rawValue: -result))
  }

  func decode(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> [Value] {
    (0..<cpus).map { unsafe bytes.loadUnaligned(fromByteOffset: offset + $0 * stride, as: Value.self) }
  }

  func encode(_ values: [Value], into bytes: inout [UInt8], at offset: Int) throws(BPFError) {
    guard values.count == cpus else {
      throw BPFError(.map, "\(values.count) values for \(cpus) of map \(map.name)", errno: .invalidArgument)
    }
    unsafe bytes.withUnsafeMutableBytes { buffer in
      for (cpu, value) in values.enumerated() {
        unsafe buffer.storeBytes(of: value, toByteOffset: offset + cpu * stride, as: Value.self)
      }
    }
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
    try update(key, to: [Value](repeating: value, count: cpus))
  }

  /// Sets the values of a key: one for each possible CPU of a per-CPU map, else one; otherwise throws `EINVAL`.
  public func update(_ key: Key, to values: [Value]) throws(BPFError) {
    var key = key
    var bytes = [UInt8](repeating: 0, count: cpus * stride)
    try encode(values, into: &bytes, at: 0)
    let result = unsafe bytes.withUnsafeBytes {
      unsafe bpf_map_update_elem(map.descriptor.rawValue, &key, $0.baseAddress, UInt64(BPF_ANY))
    }
    guard result == 0 else { throw failure("update", result) }
  }

  /// Deletes a key; one that is not there is no error.
  public func delete(_ key: Key) throws(BPFError) {
    var key = key
    let result = unsafe bpf_map_delete_elem(map.descriptor.rawValue, &key)
    guard result == 0 || result == -ENOENT else { throw failure("delete from", result) }
  }
}
