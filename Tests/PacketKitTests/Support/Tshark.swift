import Foundation
import PacketKit

/// Wireshark's dissectors: what they read of a capture file.
enum Tshark {
  static let isThere = FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark")

  /// Every checksum is checked, and every frame stands for itself.
  private static let preferences = [
    "ip.check_checksum:TRUE", "udp.check_checksum:TRUE", "tcp.check_checksum:TRUE", "ip.defragment:FALSE",
    "ipv6.defragment:FALSE", "tcp.analyze_sequence_numbers:FALSE", "tcp.desegment_tcp_streams:FALSE",
    "tcp.relative_sequence_numbers:FALSE",
  ]

  /// The fields of each frame of a file; a field that occurs more than once has its values joined by `|`.
  static func fields(_ names: [String], of file: TemporaryFile) throws -> [[String: String]] {
    let text = try output(
      of: ["tshark", "-n", "-r", file.path, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|"]
        + preferences.flatMap { ["-o", $0] } + names.flatMap { ["-e", $0] })
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
      let values = line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
      return Dictionary(uniqueKeysWithValues: zip(names, values)).filter { !$0.value.isEmpty }
    }
  }

  /// A capture file with these frames, one microsecond apart.
  static func file(_ frames: [[UInt8]]) throws -> TemporaryFile {
    var writer = PcapngWriter(application: "PacketKitTests")
    let interface = writer.add(CaptureInterface(name: "test0"))
    for (index, octets) in frames.enumerated() {
      try writer.add(CapturedPacket(interface: interface, timestamp: UInt64(index) * 1000, octets: octets))
    }
    return try TemporaryFile(writer.take())
  }
}
