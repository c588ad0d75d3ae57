import CLibBPF
import Glibc
import SystemPackage

/// The consumer of a BPF ring buffer (BPF_MAP_TYPE_RINGBUF; Linux 5.8): one reader, on one thread at a time.
///
/// Reads the mapped pages themselves (kernel/bpf/ringbuf.c): a page with the consumer's position, one with the
/// producer's, then the data twice over, so that a record never wraps.
@safe public final class RingBuffer: @unchecked Sendable {
  private let descriptor: Descriptor
  private let consumerPage: UnsafeMutableRawPointer
  private let producerPage: UnsafeMutableRawPointer
  private let data: UnsafeRawPointer
  private let mask: UInt
  private let pageSize: Int

  /// The top bits of a record's length (`BPF_RINGBUF_BUSY_BIT`, `BPF_RINGBUF_DISCARD_BIT`).
  private static let busy: UInt32 = 1 << 31
  private static let discarded: UInt32 = 1 << 30
  private static let headerSize = 8

  /// Maps a ring buffer map.
  public init(_ map: Map) throws(BPFError) {
    guard map.type == BPF_MAP_TYPE_RINGBUF.rawValue else {
      throw BPFError(.ringBuffer, "map \(map.name) is no ring buffer", errno: .invalidArgument)
    }
    descriptor = map.descriptor
    pageSize = Int(getpagesize())
    mask = UInt(map.maxEntries) - 1
    let consumer = unsafe mmap(nil, pageSize, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, 0)
    guard let consumer = unsafe consumer, unsafe consumer != MAP_FAILED else {
      throw BPFError(.ringBuffer, "map the consumer page of \(map.name)", errno: Errno(rawValue: errno))
    }
    let length = pageSize + 2 * map.maxEntries
    let producer = unsafe mmap(nil, length, PROT_READ, MAP_SHARED, descriptor.rawValue, pageSize)
    guard let producer = unsafe producer, unsafe producer != MAP_FAILED else {
      let cause = Errno(rawValue: errno)
      unsafe munmap(consumer, pageSize)
      throw BPFError(.ringBuffer, "map the data pages of \(map.name)", errno: cause)
    }
    unsafe consumerPage = consumer
    unsafe producerPage = producer
    unsafe data = UnsafeRawPointer(producer + pageSize)
  }

  deinit {
    unsafe munmap(consumerPage, pageSize)
    unsafe munmap(producerPage, pageSize + 2 * Int(mask + 1))
  }

  /// Hands every finished record to `body`, in the order in which they were reserved, and frees the room.
  ///
  /// - Parameter limit: the most records to read in this call.
  /// - Returns: how many records `body` got. A record that a program has reserved and not submitted yet ends the
  ///   batch, as those behind it must wait.
  @discardableResult
  public func drain(limit: Int = .max, _ body: (UnsafeRawBufferPointer) -> Void) -> Int {
    var count = 0
    let consumer = unsafe consumerPage.assumingMemoryBound(to: UInt.self)
    let producer = unsafe UnsafePointer(producerPage.assumingMemoryBound(to: UInt.self))
    var position = unsafe clibbpf_load_acquire(consumer)
    let end = unsafe clibbpf_load_acquire(producer)
    while position < end, count < limit {
      let header = unsafe data + Int(position & mask)
      let word = unsafe clibbpf_load_acquire32(header.assumingMemoryBound(to: UInt32.self))
      if word & Self.busy != 0 { break }
      let length = Int(word & ~(Self.busy | Self.discarded))
      if word & Self.discarded == 0 {
        unsafe body(UnsafeRawBufferPointer(start: header + Self.headerSize, count: length))
        count += 1
      }
      position += UInt((length + Self.headerSize + 7) & ~7)
    }
    unsafe clibbpf_store_release(consumer, position)
    return count
  }

  /// Octets that were ever read, record headers included.
  public var consumed: UInt {
    unsafe clibbpf_load_acquire(UnsafePointer(consumerPage.assumingMemoryBound(to: UInt.self)))
  }

  /// Octets that programs ever reserved, record headers included.
  public var produced: UInt {
    unsafe clibbpf_load_acquire(UnsafePointer(producerPage.assumingMemoryBound(to: UInt.self)))
  }

  /// Octets that it holds at most, record headers included.
  public var size: Int { Int(mask + 1) }

  /// Octets that wait to be read, record headers included.
  public var available: Int {
    let consumed = consumed
    return Int(produced - consumed)
  }

  /// Waits until a program wakes the reader. Programs that submit with BPF_RB_NO_WAKEUP never do.
  ///
  /// - Returns: whether there is something to read; `false` when the time is over.
  public func wait(milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&request, 1, milliseconds) > 0
  }
}
