/// An option of a TCP header (IANA's "TCP Option Kind Numbers").
public enum TCPOption: Hashable, Sendable {
  /// 2: the largest payload that the sender takes, in octets (RFC 9293, 3.2).
  case maximumSegmentSize(UInt16)
  /// 3: by how many bits windows are shifted left (RFC 7323, 2).
  case windowScale(UInt8)
  /// 4: selective acknowledgments are understood (RFC 2018, 2).
  case sackPermitted
  /// 5: the ranges that arrived; each ends before `end` (RFC 2018, 3).
  case sack([SACKBlock])
  /// 8: the sender's clock, and the peer's clock as last seen (RFC 7323, 3).
  case timestamps(value: UInt32, echoReply: UInt32)
  /// Any other kind, padding, or octets that are no options.
  case other(HeaderOption)

  /// Padding between options.
  public static let noOperation = TCPOption.other(.noOperation)

  /// A range of sequence numbers.
  public struct SACKBlock: Hashable, Sendable {
    /// The first number.
    public var start: UInt32
    /// The number behind the last.
    public var end: UInt32

    /// Makes a range.
    public init(start: UInt32, end: UInt32) {
      self.start = start
      self.end = end
    }
  }
}

extension TCPOption {
  /// Names an option; one whose length is not what its kind has stays `other`.
  init(_ option: HeaderOption) {
    guard case .option(let kind, let data) = option else {
      self = .other(option)
      return
    }
    let words = stride(from: 0, to: data.count - 3, by: 4).map { start in
      data[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    switch (kind, data.count) {
    case (2, 2): self = .maximumSegmentSize(UInt16(data[0]) << 8 | UInt16(data[1]))
    case (3, 1): self = .windowScale(data[0])
    case (4, 0): self = .sackPermitted
    case (5, let count) where count > 0 && count % 8 == 0:
      self = .sack(
        stride(from: 0, to: words.count, by: 2).map { SACKBlock(start: words[$0], end: words[$0 + 1]) })
    case (8, 8): self = .timestamps(value: words[0], echoReply: words[1])
    default: self = .other(option)
    }
  }

  /// The option on the wire.
  var headerOption: HeaderOption {
    var data: [UInt8] = []
    switch self {
    case .maximumSegmentSize(let size):
      data.append(bigEndian: size)
      return .option(kind: 2, data: data)
    case .windowScale(let shift): return .option(kind: 3, data: [shift])
    case .sackPermitted: return .option(kind: 4, data: [])
    case .sack(let blocks):
      for block in blocks {
        data.append(bigEndian: block.start)
        data.append(bigEndian: block.end)
      }
      return .option(kind: 5, data: data)
    case .timestamps(let value, let echoReply):
      data.append(bigEndian: value)
      data.append(bigEndian: echoReply)
      return .option(kind: 8, data: data)
    case .other(let option): return option
    }
  }
}
