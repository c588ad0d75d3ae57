import CLibBPF
import Glibc
import SystemPackage

// Whole maps and many entries at once, in as few system calls as the kernel allows.

/// Whether the kernel has no batches for this map: none before Linux 5.6, and for some types later or never.
private func isWithoutBatches(_ result: CInt) -> Bool {
  // 524 is the kernel's own ENOTSUPP.
  result == -ENOTSUP || result == -EINVAL || result == -524
}

extension TypedMap {
  /// How many entries go into one system call: their values take 4 MiB at most, were there many CPUs.
  private var batch: Int { max(1, min(2048, map.maxEntries, (4 << 20) / max(1, cpus * stride))) }

  /// Every entry, in the kernel's order: in batches where the kernel has them (Linux 5.6), else key by key.
  ///
  /// While others change the map, entries that stand all the time are given once; those that come or go may be
  /// missing. Throws `EAGAIN` where others delete keys faster than they can be walked one by one.
  public func entries() throws(BPFError) -> [(key: Key, values: [Value])] {
    if let entries = try batchedEntries(batch) { return entries }
    return try walkedEntries()
  }

  /// Key by key. The kernel starts from the first key again when the last one was deleted meanwhile.
  private func walkedEntries() throws(BPFError) -> [(key: Key, values: [Value])] {
    var entries: [(key: Key, values: [Value])] = []
    var seen: Set<[UInt8]> = []
    var current: [UInt8]?
    // Each time, as many entries are walked again: some dozens of such times.
    for _ in 0...(16 * map.maxEntries) {
      guard let next = try nextKey(after: current) else { return entries }
      current = next
      guard seen.insert(next).inserted else { continue }
      let key = unsafe next.withUnsafeBytes { unsafe $0.loadUnaligned(as: Key.self) }
      if let values = try lookup(key) { entries.append((key, values)) }
    }
    throw failure("walk the changing", -EAGAIN)
  }

  private func nextKey(after key: [UInt8]?) throws(BPFError) -> [UInt8]? {
    var next = [UInt8](repeating: 0, count: MemoryLayout<Key>.size)
    let result = unsafe bpf_map_get_next_key(map.descriptor.rawValue, key, &next)
    if result == -ENOENT { return nil }
    guard result == 0 else { throw failure("walk", result) }
    return next
  }

  /// That many at a time, or as many as one bucket of a hash map holds; `nil` where the kernel has no batches.
  func batchedEntries(_ batch: Int) throws(BPFError) -> [(key: Key, values: [Value])]? {
    let keySize = MemoryLayout<Key>.size
    var entries: [(key: Key, values: [Value])] = []
    var room = batch
    var keys = [UInt8](repeating: 0, count: room * keySize)
    var values = [UInt8](repeating: 0, count: room * cpus * stride)
    // The cursor is a key for arrays and a bucket number for hash maps: room for either.
    var cursor: [UInt8]?
    var next = [UInt8](repeating: 0, count: max(8, keySize))
    while true {
      var count = UInt32(room)
      let result = unsafe cursor.withBytes {
        unsafe clibbpf_lookup_batch(map.descriptor.rawValue, $0, &next, &keys, &values, &count)
      }
      if cursor == nil, isWithoutBatches(result) { return nil }
      if result == -ENOSPC {
        // One bucket of the hash map holds more.
        room *= 2
        keys = [UInt8](repeating: 0, count: room * keySize)
        values = [UInt8](repeating: 0, count: room * cpus * stride)
        continue
      }
      guard result == 0 || result == -ENOENT else { throw failure("read", result) }
      for index in 0..<Int(count) {
        let key = unsafe keys.withUnsafeBytes {
          unsafe $0.loadUnaligned(fromByteOffset: index * keySize, as: Key.self)
        }
        entries.append((key, unsafe values.withUnsafeBytes { unsafe decode($0, at: index * cpus * stride) }))
      }
      if result == -ENOENT { return entries }
      cursor = next
    }
  }

  /// Sets many entries, each with one value for each possible CPU of a per-CPU map, else one.
  ///
  /// Throws `E2BIG` where the map is full; the entries before the one that failed are set then.
  public func update(_ entries: [(key: Key, values: [Value])]) throws(BPFError) {
    var done = 0
    while done < entries.count {
      let part = entries[done..<min(entries.count, done + batch)]
      var keys = [UInt8](repeating: 0, count: part.count * MemoryLayout<Key>.size)
      var values = [UInt8](repeating: 0, count: part.count * cpus * stride)
      for (index, entry) in part.enumerated() {
        keys.store(entry.key, at: index)
        try encode(entry.values, into: &values, at: index * cpus * stride)
      }
      var count = UInt32(part.count)
      let result = unsafe clibbpf_update_batch(map.descriptor.rawValue, keys, values, &count)
      if isWithoutBatches(result) {
        for entry in part { try update(entry.key, to: entry.values) }
      } else if result != 0 {
        throw failure("update", result)
      }
      done += part.count
    }
  }

  /// Deletes many keys; those that are not there are no error.
  public func delete(_ keys: [Key]) throws(BPFError) {
    var rest = keys[...]
    while !rest.isEmpty {
      let part = rest.prefix(batch)
      var bytes = [UInt8](repeating: 0, count: part.count * MemoryLayout<Key>.size)
      for (index, key) in part.enumerated() { bytes.store(key, at: index) }
      var count = UInt32(part.count)
      let result = unsafe clibbpf_delete_batch(map.descriptor.rawValue, bytes, &count)
      if isWithoutBatches(result) {
        for key in part { try delete(key) }
        rest = rest.dropFirst(part.count)
      } else if result == -ENOENT {
        // The kernel stops at a key that is not there: go on behind it.
        rest = rest.dropFirst(Int(count) + 1)
      } else if result == 0 {
        rest = rest.dropFirst(part.count)
      } else {
        throw failure("delete from", result)
      }
    }
  }
}

extension [UInt8] {
  /// Writes a value of so many octets as the array's `index`th.
  fileprivate mutating func store<Value: BitwiseCopyable>(_ value: Value, at index: Int) {
    unsafe withUnsafeMutableBytes {
      unsafe $0.storeBytes(of: value, toByteOffset: index * MemoryLayout<Value>.size, as: Value.self)
    }
  }
}

extension [UInt8]? {
  /// Hands C the octets, or NULL.
  fileprivate func withBytes(_ body: (UnsafeMutableRawPointer?) -> CInt) -> CInt {
    guard var bytes = self else { return body(nil) }
    return unsafe bytes.withUnsafeMutableBytes { unsafe body($0.baseAddress) }
  }
}
