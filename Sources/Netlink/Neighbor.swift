import CLinux
public import NetworkAddresses

/// A neighbor entry: which MAC address an IP address has (`RTM_NEWNEIGH`; ARP, RFC 826; ND, RFC 4861).
public struct Neighbor: Hashable, Sendable {
  /// The interface behind which the neighbor lives.
  public var ifindex: UInt32
  /// Its IP address.
  public var address: IPAddress
  /// Its MAC address; `nil` as long as it is not known.
  public var mac: MACAddress?
  /// NUD_*: what is known (include/uapi/linux/neighbour.h).
  public var state: UInt16
  /// NTF_*: 128 is a router.
  public var flags: UInt8
  /// How many requests are out without an answer.
  public var probes: UInt32?

  /// The state as `ip neigh` writes it: REACHABLE, FAILED and so on.
  public var stateName: String {
    let names: [UInt16: String] = [
      0x00: "NONE", 0x01: "INCOMPLETE", 0x02: "REACHABLE", 0x04: "STALE", 0x08: "DELAY", 0x10: "PROBE",
      0x20: "FAILED", 0x40: "NOARP", 0x80: "PERMANENT",
    ]
    return names[state] ?? String(state)
  }

  /// Reads `struct ndmsg` and the attributes behind it; `nil` when it is cut off or has no IP address.
  init?(_ message: Message) {
    guard let attributes = message.attributes(behind: 12),
      let ifindex = message.payload.integer(at: 4, as: UInt32.self),
      let state = message.payload.integer(at: 8, as: UInt16.self),
      let flags = message.payload.integer(at: 10, as: UInt8.self),
      let address = attributes[NDA_DST].flatMap({ IPAddress(octets: $0.slice) })
    else { return nil }
    self.ifindex = ifindex
    self.address = address
    mac = attributes[NDA_LLADDR].flatMap { MACAddress(octets: $0.slice) }
    self.state = state
    self.flags = flags
    probes = attributes.integer(NDA_PROBES)
  }
}

extension NetlinkSocket {
  /// Every neighbor entry of the namespace that has an IP address.
  public func neighbors() throws(NetlinkError) -> [Neighbor] {
    var request = MessageBuilder(type: RTM_GETNEIGH, flags: NLM_F_REQUEST | NLM_F_DUMP)
    request.appendZeros(12)
    return try dump(request, "list the neighbors") { $0.type == RTM_NEWNEIGH ? Neighbor($0) : nil }
  }
}
