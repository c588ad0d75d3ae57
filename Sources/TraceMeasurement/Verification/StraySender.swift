import CLinux
import Glibc
import LinuxNamespaces
public import NetworkAddresses
import PacketKit
import SystemPackage
public import TraceModel

/// Sends frames in one VLAN that must come out in no other: what they ask for and whom they are for is nobody's.
public enum StraySender {
  /// Of each.
  private static let count = 2

  /// Sends one of each kind from a station to be watched for in another VLAN.
  ///
  /// To be called in the station's namespace.
  ///
  /// - Parameters:
  ///   - own: the station's own IPv4 address, by which it asks for the other's: who answers for others answers no sender
  ///     without one.
  ///   - foreign: the IPv4 address of the other VLAN's station.
  /// - Returns: those that were handed to the kernel; an interface that takes none gives fewer.
  public static func send(
    _ pair: VLANPair, from mac: MACAddress, by ifindex: UInt32, own: IPAddress?, foreign: IPAddress?
  ) -> [StrayFrame] {
    let socket = clinux_packet_socket(Int32(ifindex))
    guard socket >= 0 else { return [] }
    defer { close(socket) }
    return plan(pair, from: mac, own: own, foreign: foreign).compactMap { stray in
      guard let frame = try? frame(stray, own).octets(paddedTo: EthernetFrame.minimumLength) else {
        return nil
      }
      var stray = stray
      stray.sent = MonotonicClock.now()
      stray.count = (0..<count).count { _ in
        clinux_send_frames(socket, frame, UInt32(frame.count), 1) == 1
      }
      return stray.count > 0 ? stray : nil
    }
  }

  private static func plan(
    _ pair: VLANPair, from mac: MACAddress, own: IPAddress?, foreign: IPAddress?
  ) -> [StrayFrame] {
    let stray = { (kind: StrayFrame.Kind, destination: MACAddress, target: IPAddress?) in
      StrayFrame(
        pair: pair, kind: kind, source: mac, destination: destination, target: target, count: 0, sent: 0)
    }
    // Addresses for documentation are nobody's (RFC 5737): 198.51.100.0/24.
    let nobody = IPAddress.v4(0xc633_6400 | UInt32.random(in: 1...254))
    var all = [
      stray(.broadcast, .broadcast, nobody), stray(.group, random(isGroup: true), nil),
      stray(.unicast, random(isGroup: false), nil), stray(.doubleTagged, random(isGroup: true), nil),
    ]
    if let foreign, foreign.isIPv4, own?.isIPv4 == true {
      all.append(stray(.foreignAddress, .broadcast, foreign))
    }
    return all
  }

  /// A locally administered MAC address (IEEE 802, 8.2.2) that was just made up.
  private static func random(isGroup: Bool) -> MACAddress {
    let rest = UInt64.random(in: 0..<1 << 40)
    return MACAddress(rawValue: (isGroup ? 0x0300_0000_0000 : 0x0200_0000_0000) | rest)
  }

  private static func frame(_ stray: StrayFrame, _ own: IPAddress?) -> EthernetFrame {
    if let target = stray.target {
      // Without an address of one's own it changes nobody's table (RFC 5227, 2.1.1).
      let sender = stray.kind == .foreignAddress ? own : nil
      let request = ARPPacket(
        .request, senderMAC: stray.source, senderAddress: sender ?? .v4(0), targetAddress: target)
      return EthernetFrame(to: stray.destination, from: stray.source, .arp(request))
    }
    // The sub-interface puts its own tag before this one.
    let tags = stray.kind == .doubleTagged ? [EthernetTag(stray.pair.to)] : []
    return EthernetFrame(
      to: stray.destination, from: stray.source, tags: tags,
      .other(.localExperimental, Array("macvtrace stray frame".utf8)))
  }
}
