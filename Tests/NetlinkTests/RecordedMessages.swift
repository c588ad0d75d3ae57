import Foundation
import NetworkAddresses

@testable import Netlink

/// Answers of a kernel (Linux 6.18) to dumps, and what iproute2 made of them: see Fixtures/record.
enum RecordedMessages {
  static let names = ["links", "addresses", "routes", "neighbors", "forwarding"]

  private static func file(_ name: String) throws -> Data {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return try Data(contentsOf: folder.appendingPathComponent("Fixtures/\(name)"))
  }

  /// The datagrams, in the order in which they came.
  static func datagrams(_ name: String) throws -> [[UInt8]] {
    String(decoding: try file("\(name).hex"), as: UTF8.self).split(separator: "\n").map { octets(hex: $0) }
  }

  /// What iproute2 printed.
  static func json(_ name: String) throws -> [[String: Any]] {
    try JSONSerialization.jsonObject(with: file("\(name).json")) as? [[String: Any]] ?? []
  }

  /// The messages of all datagrams.
  static func messages(_ name: String) throws -> [Message] {
    try datagrams(name).flatMap(Message.parse)
  }
}

/// Octets written as pairs of hexadecimal digits; white space and what follows "//" on a line is left out.
func octets(hex text: some StringProtocol) -> [UInt8] {
  let digits = text.split(separator: "\n").flatMap { line in
    (line.range(of: "//").map { line[..<$0.lowerBound] } ?? line[...]).filter(\.isHexDigit)
  }
  return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
    UInt8(String(digits[$0...($0 + 1)]), radix: 16)
  }
}

/// Reads a message as everything that it might be.
func readAsEverything(_ message: Message) -> [any Hashable & Sendable] {
  let values: [(any Hashable & Sendable)?] = [
    Link(message), Address(message), Route(message), Neighbor(message), ForwardingEntry(message),
    QueueingDiscipline(message), BPFFilter(message, .ingress), TrafficFilter(message),
    NetlinkNotification(message),
  ]
  return values.compactMap(\.self)
}
