import CLinux
public import NetworkAddresses

/// An IP address of an interface (`RTM_NEWADDR`).
public struct Address: Hashable, Sendable {
  /// The interface.
  public var ifindex: UInt32
  /// The address with the length of its network.
  public var prefix: IPPrefix
  /// The other end of a point-to-point link.
  public var peer: IPAddress?
  /// IFA_F_* (include/uapi/linux/if_addr.h).
  public var flags: UInt32
  /// RT_SCOPE_*: 0 universe, 253 link, 254 host.
  public var scope: UInt8

  /// IFA_F_TENTATIVE: duplicate address detection has not ended (RFC 4862, 5.4).
  public var isTentative: Bool { flags & 0x40 != 0 }
  /// IFA_F_DADFAILED: somebody else has it.
  public var isDuplicate: Bool { flags & 0x08 != 0 }
  /// IFA_F_SECONDARY for IPv4, where another address of that network came first.
  public var isSecondary: Bool { prefix.address.isIPv4 && flags & 0x01 != 0 }

  /// Reads `struct ifaddrmsg` and the attributes behind it; `nil` when it is cut off.
  init?(_ message: Message) {
    guard let attributes = message.attributes(behind: 8),
      let length = message.payload.integer(at: 1, as: UInt8.self),
      let flags = message.payload.integer(at: 2, as: UInt8.self),
      let scope = message.payload.integer(at: 3, as: UInt8.self),
      let ifindex = message.payload.integer(at: 4, as: UInt32.self)
    else { return nil }
    // On a point-to-point link IFA_ADDRESS is the peer's; IFA_LOCAL, where it is given, is our own.
    let address = attributes[IFA_ADDRESS].flatMap { IPAddress(octets: $0.slice) }
    let local = attributes[IFA_LOCAL].flatMap { IPAddress(octets: $0.slice) }
    guard let own = local ?? address, let prefix = IPPrefix(own, length: Int(length)) else { return nil }
    self.ifindex = ifindex
    self.prefix = prefix
    peer = address == own ? nil : address
    self.flags = attributes.integer(IFA_FLAGS) ?? UInt32(flags)
    self.scope = scope
  }
}

extension NetlinkSocket {
  /// Every IP address of the namespace.
  public func addresses() throws(NetlinkError) -> [Address] {
    var request = MessageBuilder(type: RTM_GETADDR, flags: NLM_F_REQUEST | NLM_F_DUMP)
    request.appendZeros(8)
    return try dump(request, "list the addresses") { $0.type == RTM_NEWADDR ? Address($0) : nil }
  }
}
