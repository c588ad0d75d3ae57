import PacketKit
import Testing

/// Compares frames with what tshark reads of a file that holds them.
enum Agreement {
  static func expect(_ frames: [EthernetFrame], _ file: TemporaryFile) throws {
    let theirs = try Tshark.fields(TsharkFields.names + ["_ws.malformed"], of: file)
    try #require(theirs.count == frames.count)
    for (number, (frame, their)) in zip(frames, theirs).enumerated() {
      let our = TsharkFields(frame).values.mapValues { $0.joined(separator: "|") }
      // Of transports in a quoted packet more is read than of ours.
      let isError = (their["icmp.type"] ?? their["icmpv6.type"]) != nil
      for name in TsharkFields.names + ["_ws.malformed"] where our[name] != their[name] {
        if isError, our[name] == nil, name.hasPrefix("tcp.") || name.hasPrefix("udp.") { continue }
        Issue.record(
          "frame \(number + 1), \(name): \(our[name] ?? "absent"), tshark: \(their[name] ?? "absent")\n\(frame)"
        )
      }
    }
  }
}
