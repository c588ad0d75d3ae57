import Glibc
import SystemPackage

/// The values of an array map, mapped into this process; unmapped when the last owner goes.
@safe public final class MappedArray: @unchecked Sendable {
  /// The values one after the other, each on a boundary of 8 octets. Programs change them while they are read.
  public let bytes: UnsafeMutableRawBufferPointer

  init(map: Map, writable: Bool) throws(BPFError) {
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

  /// Reads the value of type `Value` at an index.
  public func load<Value: BitwiseCopyable>(_ index: Int, as type: Value.Type) -> Value {
    let stride = (MemoryLayout<Value>.size + 7) & ~7
    return unsafe bytes.load(fromByteOffset: index * stride, as: Value.self)
  }
}
