import CLinux
import Glibc
public import NetworkAddresses
import PacketKit
public import TraceModel

/// Asks who has an address, without one of one's own (RFC 5227, 2.1.1): nobody's table changes by that.
public enum ARPProbe {
  private static let count = 2
  /// Between two, and for the last one's answer.
  private static let wait: UInt32 = 150_000

  /// Sends some by an interface of the calling thread's namespace, under its MAC address, and waits for answers; those are
  /// for who watches.
  ///
  /// What cannot be sent is not: an answer would only have told more.
  public static func send(for target: IPAddress, by interface: Interface) {
    guard target.isIPv4, let mac = interface.mac,
      let frame = try? EthernetFrame(
        to: .broadcast, from: mac,
        .arp(ARPPacket(.request, senderMAC: mac, senderAddress: .v4(0), targetAddress: target))
      ).octets(paddedTo: EthernetFrame.minimumLength)
    else { return }
    let socket = clinux_packet_socket(Int32(interface.id.ifindex))
    guard socket >= 0 else { return }
    defer { close(socket) }
    for _ in 0..<count {
      guard clinux_send_frames(socket, frame, UInt32(frame.count), 1) == 1 else { return }
      usleep(wait)
    }
  }
}
