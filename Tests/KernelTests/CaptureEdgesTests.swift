import LinuxNamespaces
import NetworkAddresses
import TestSupport
import Testing
import TraceCapture
import TraceLab
import TraceModel

/// How a capture begins and ends under traffic that the switch sends back.
@Suite(.serialized) struct CaptureEdgesTests {
  private static let mac = MACAddress(rawValue: 0x0200_0000_0010)

  /// Asks for a new address each time, some thousand times a second: each question tells something, so is recorded.
  private static let questions = """
    ip link set eth0 address 02:00:00:00:00:10
    timeout 20 python3 -c '
    import socket, struct, time
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    port.bind(("eth0", 0))
    own = bytes.fromhex("020000000010")
    for number in range(1 << 20):
        port.send(b"\\xff" * 6 + own + bytes.fromhex("08060001080006040001") + own + bytes([172, 22, 16, 10])
            + bytes(6) + struct.pack(">I", 0x0a000000 + number) + bytes(18))
        time.sleep(0.0005)
    ' >/dev/null 2>&1 </dev/null &
    """

  /// Hooks come and go one after another: a question that left while one was missing came back to one that stood, as if
  /// somebody else had sent it.
  @Test func whatComesBackWasSeenWhenItLeft() throws {
    var network = LabSpecification()
    network.reflects = true
    try Observed.withLab(network) { lab in
      let sender = try lab.run(["sh", "-ec", Self.questions], in: "bbox1")
      #expect(sender.status == 0, "\(sender.output)")
      for _ in 0..<3 {
        let seen = try Observed.observe(lab, waiting: 500) {}
        let sightings = seen.sightings.filter { $0.frame.source == Self.mac }
        let (parent, child) = (seen.after.parent, seen.after.children.first { $0.mac == Self.mac }?.id)
        let left = Set(sightings.filter { $0.hook == Hook(parent, .egress) }.map(\.packetID))
        let back = sightings.filter { $0.hook == Hook(parent, .ingress) }.map(\.packetID)
        #expect(back.count > 100 && child != nil)
        #expect(back.filter { !left.contains($0) } == [], "of \(back.count)")
        let sent = Set(
          sightings.filter { $0.hook.interface == child && $0.hook.direction == .egress }.map(\.packetID))
        #expect(left.subtracting(sent) == [])
        #expect(seen.loss.explainingFramesLost == 0)
      }
    }
  }
}
