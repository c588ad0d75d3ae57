import CLibBPF
import Glibc
import SystemPackage

/// The values of an array map, mapped into this process; unmapped when the last owner goes.
@safe public final class MappedArray: @unchecked Sendable {
  /// The values one after the other, each on a boundary of 8 octets. Programs change them while they are read.
  public let bytes: UnsafeMutableRawBufferPointer

  private let valueSize: Int
  private let count: Int

  init(map: Map, writable: Bool) throws(BPFError) {
    valueSize = map.valueSize
    count = map.maxEntries
    let page = Int(getpagesize())
    let length = (((map.valueSize + 7) & ~7) * map.maxEntries + page - 1) / page * page
    let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
    let address = unsafe mmap(nil, length, protection, MAP_SHARED, map.descriptor.rawValue, 0)
    guard let address = unsafe address, unsafe address != MAP_FAILED else {
      throw BPFError(.map, "map \(map.name) into memory", errno: Errno(rawValue: errno))
    }
    unsafe bytes = UnsafeMutableRawBufferPointer(start: address, count: length)
  }

  deinit {
    unsafe munmap(bytes.baseAddress, bytes.count)
  }

  /// Writes a word so that whoever sees it sees all that was written before it.
  ///
  /// - Parameter offset: of the word, in octets from the beginning; a multiple of 8.
  public func storeRelease(_ value: UInt64, at offset: Int) {
    precondition(
      unsafe offset >= 0 && offset % 8 == 0 && offset <= bytes.count - 8, "no such word in the mapped array")
    guard let start = unsafe bytes.baseAddress else { return }
    unsafe clibbpf_store_release64((start + offset).assumingMemoryBound(to: UInt64.self), value)
  }

  /// Reads the value at an index, or its first octets; the index must be that of an entry, as with an array.
  public func load<Value: BitwiseCopyable>(_ index: Int, as type: Value.Type) -> Value {
    precondition(
      0..<count ~= index && MemoryLayout<Value>.size <= valueSize, "no such value in the mapped array")
    let stride = (valueSize + 7) & ~7
    return unsafe bytes.load(fromByteOffset: index * stride, as: Value.self)
  }
}
