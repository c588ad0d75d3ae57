import CLinux
import Glibc
public import NetworkAddresses

/// An entry of an interface's own filter or of a bridge's forwarding table (`RTM_NEWNEIGH`, AF_BRIDGE).
public struct ForwardingEntry: Hashable, Sendable {
  /// The interface.
  public var ifindex: UInt32
  /// The address that it takes, or that lives behind it.
  public var mac: MACAddress
  /// NUD_*: 0x80 is permanent.
  public var state: UInt16
  /// NTF_*: 2 is "self", 4 is "master".
  public var flags: UInt8
  /// The VLAN of a bridge's entry.
  public var vlanID: VLANID?
  /// The bridge whose entry it is.
  public var master: UInt32?

  /// A permanent entry of the interface's own filter: what `bridge fdb` calls `self permanent`.
  public var isSelfPermanent: Bool { flags & 0x02 != 0 && state & 0x80 != 0 }

  /// Reads `struct ndmsg` and the attributes behind it; `nil` when it is cut off or has no MAC address.
  init?(_ message: Message) {
    guard let attributes = message.attributes(behind: 12),
      let ifindex = message.payload.integer(at: 4, as: UInt32.self),
      let state = message.payload.integer(at: 8, as: UInt16.self),
      let flags = message.payload.integer(at: 10, as: UInt8.self),
      let mac = attributes[NDA_LLADDR].flatMap({ MACAddress(octets: $0.slice) })
    else { return nil }
    self.ifindex = ifindex
    self.mac = mac
    self.state = state
    self.flags = flags
    vlanID = attributes.integer(NDA_VLAN).flatMap { VLANID($0) }
    master = attributes.integer(NDA_MASTER)
  }
}

extension NetlinkSocket {
  /// Every forwarding entry: for a macvlan parent, the MAC addresses of its children, wherever they live.
  ///
  /// - Parameter ifindex: the only interface to ask for; the kernel chooses from Linux 4.20 on.
  public func forwardingEntries(of ifindex: UInt32? = nil) throws(NetlinkError) -> [ForwardingEntry] {
    var request = MessageBuilder(type: RTM_GETNEIGH, flags: NLM_F_REQUEST | NLM_F_DUMP)
    request.append(UInt8(AF_BRIDGE))
    request.appendZeros(3)
    request.append(ifindex ?? 0)
    request.appendZeros(4)
    return try dump(request, "list the forwarding entries") { message in
      guard message.type == RTM_NEWNEIGH, let entry = ForwardingEntry(message) else { return nil }
      return ifindex == nil || entry.ifindex == ifindex ? entry : nil
    }
  }
}
