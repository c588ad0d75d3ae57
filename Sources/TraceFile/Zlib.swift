import CZlib

/// Compression and checksums, as RFC 1950 has them: all that is used of zlib.
enum Zlib {
  /// The CRC-32 of IEEE 802.3 over several pieces, one after the other.
  static func checksum(_ pieces: [UInt8]...) -> UInt32 {
    var sum: uLong = 0
    for piece in pieces {
      unsafe piece.withUnsafeBufferPointer { bytes in
        sum = unsafe crc32(sum, bytes.baseAddress, uInt(bytes.count))
      }
    }
    return UInt32(truncatingIfNeeded: sum)
  }

  /// Compresses at zlib's default level; `nil` when there is no memory.
  static func compress(_ bytes: [UInt8]) -> [UInt8]? {
    var size = compressBound(uLong(bytes.count))
    var output = [UInt8](repeating: 0, count: Int(size))
    let status = unsafe output.withUnsafeMutableBufferPointer { target in
      unsafe bytes.withUnsafeBufferPointer { source in
        unsafe CZlib.compress(target.baseAddress, &size, source.baseAddress, uLong(source.count))
      }
    }
    guard status == Z_OK else { return nil }
    return Array(output.prefix(Int(size)))
  }

  /// Undoes `compress`; `nil` for what is no whole zlib stream, or holds more than `limit` octets.
  static func decompress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    // zlib refuses a stream that has moved in memory.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    defer { unsafe stream.deallocate() }
    guard unsafe inflateInit_(stream, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { unsafe inflateEnd(stream) }
    var input = bytes
    var output: [UInt8] = []
    // Grown as the stream gives more, never by what a file claims.
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    let isWhole = unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe stream.pointee.next_in = source.baseAddress
      unsafe stream.pointee.avail_in = uInt(source.count)
      while true {
        let status = unsafe piece.withUnsafeMutableBufferPointer { target in
          unsafe stream.pointee.next_out = target.baseAddress
          unsafe stream.pointee.avail_out = uInt(target.count)
          return unsafe inflate(stream, Z_NO_FLUSH)
        }
        let count = unsafe piece.count - Int(stream.pointee.avail_out)
        guard status == Z_OK || status == Z_STREAM_END, output.count + count <= limit else { return false }
        output += piece[..<count]
        if status == Z_STREAM_END { return unsafe stream.pointee.avail_in == 0 }
        // Neither input nor progress: the stream was cut off.
        if unsafe count == 0 && stream.pointee.avail_in == 0 { return false }
      }
    }
    return isWhole ? output : nil
  }
}
