/// Why a server's answer is of no use, as the end of a sentence that begins with its name.
struct HTTPFailure: Error {
  /// What the server did.
  let reason: String
  /// The status that it answered with, where that was not 200.
  var status: String?
}

/// One answer of an HTTP/1.x server while it arrives (RFC 9112), of bounded length.
///
/// Only what a server answers to an HTTP/1.0 request is taken: a body with a length or up to the connection's end.
struct HTTPAnswer {
  /// The most octets of the status line and the header fields.
  static let headLimit = 64 << 10
  /// The most octets of a body.
  static let bodyLimit = 4 << 20

  private struct Head {
    var length: Int
    var bodyLength: Int?
  }

  private var octets: [UInt8] = []
  private var head: Head?

  /// Takes the next octets; returns whether the answer is whole, whatever may follow.
  mutating func append(_ slice: some Collection<UInt8>) throws(HTTPFailure) -> Bool {
    let searched = max(0, octets.count - 3)
    octets += slice
    if head == nil { head = try findHead(from: searched) }
    guard let head else { return false }
    let arrived = octets.count - head.length
    guard arrived <= Self.bodyLimit else { throw Self.tooLong }
    return head.bodyLength.map { arrived >= $0 } ?? false
  }

  /// The body, once the answer is whole or the server has closed the connection.
  func body() throws(HTTPFailure) -> ArraySlice<UInt8> {
    guard let head else { throw HTTPFailure(reason: "closed the connection without an answer") }
    let body = octets[head.length...]
    guard let length = head.bodyLength else { return body }
    guard body.count >= length else { throw HTTPFailure(reason: "closed the connection within its answer") }
    return body.prefix(length)
  }

  private static let tooLong = HTTPFailure(reason: "sent an answer of more than \(bodyLimit >> 20) MiB")

  private func findHead(from start: Int) throws(HTTPFailure) -> Head? {
    var index = start
    while index + 4 <= min(octets.count, Self.headLimit) {
      if octets[index..<index + 4].elementsEqual([13, 10, 13, 10]) {
        return try Self.read(octets[..<index], length: index + 4)
      }
      index += 1
    }
    guard octets.count < Self.headLimit, octets.starts(with: "HTTP/1.".utf8.prefix(octets.count)) else {
      throw HTTPFailure(reason: "did not answer in HTTP/1")
    }
    return nil
  }

  private static func read(_ head: ArraySlice<UInt8>, length: Int) throws(HTTPFailure) -> Head {
    var lines = head.split(separator: 10).map { $0.last == 13 ? $0.dropLast() : $0 }[...]
    let status = lines.popFirst().map { Array($0) } ?? []
    guard status.starts(with: "HTTP/1.".utf8), status.count >= 12, status[8] == 32 else {
      throw HTTPFailure(reason: "did not answer in HTTP/1")
    }
    let code = status[9..<12]
    guard code.elementsEqual("200".utf8) else {
      let isNumber = code.allSatisfy { (48...57).contains($0) }
      let text = isNumber ? String(decoding: code, as: UTF8.self) : "that is no number"
      throw HTTPFailure(reason: "answered with status \(text)", status: text)
    }
    var result = Head(length: length)
    for line in lines {
      guard let colon = line.firstIndex(of: 58) else { continue }
      let value = line[(colon + 1)...].filter { $0 != 32 && $0 != 9 }
      switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
      case "transfer-encoding": throw HTTPFailure(reason: "answered in chunks, which HTTP/1.0 does not have")
      case "content-length":
        let length = try contentLength(value)
        guard result.bodyLength == nil || result.bodyLength == length else { throw impossibleLength }
        result.bodyLength = length
      default: break
      }
    }
    return result
  }

  private static let impossibleLength = HTTPFailure(reason: "answered with a length that cannot be")

  /// Digits alone (RFC 9110, 8.6): no sign, no list.
  private static func contentLength(_ value: [UInt8]) throws(HTTPFailure) -> Int {
    guard !value.isEmpty, value.allSatisfy({ (48...57).contains($0) }),
      let length = Int(String(decoding: value, as: UTF8.self))
    else { throw impossibleLength }
    guard length <= bodyLimit else { throw tooLong }
    return length
  }
}
