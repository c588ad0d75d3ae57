import CLinux
import Glibc
public import NetworkAddresses

/// Changes to neighbor entries, for the lab and for tests: macvtrace itself makes none.
extension NetlinkSocket {
  /// States for good which MAC address a neighbor has, in place of what was known.
  public func setNeighbor(_ ifindex: UInt32, _ address: IPAddress, _ mac: MACAddress) throws(NetlinkError) {
    var request = neighborRequest(
      RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, ifindex, address, state: UInt16(NUD_PERMANENT))
    request.attribute(NDA_LLADDR, mac.octets)
    try self.request(request, "set neighbor \(address) of interface number \(ifindex)")
  }

  /// Forgets a neighbor; throws `ENOENT` where it is not known.
  public func deleteNeighbor(_ ifindex: UInt32, _ address: IPAddress) throws(NetlinkError) {
    try request(
      neighborRequest(RTM_DELNEIGH, 0, ifindex, address, state: 0),
      "delete neighbor \(address) of interface number \(ifindex)")
  }

  private func neighborRequest(
    _ type: Int, _ how: Int32, _ ifindex: UInt32, _ address: IPAddress, state: UInt16
  ) -> MessageBuilder {
    var request = MessageBuilder(type: type, flags: NLM_F_REQUEST | NLM_F_ACK | how)
    request.append(UInt8(address.isIPv4 ? AF_INET : AF_INET6))
    request.appendZeros(3)
    request.append(ifindex)
    request.append(state)
    request.appendZeros(2)
    request.attribute(NDA_DST, address.octets)
    return request
  }
}
