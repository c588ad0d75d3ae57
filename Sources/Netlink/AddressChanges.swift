import CLinux
import Glibc
public import NetworkAddresses

/// Changes to addresses, for the lab and for tests: macvtrace itself makes none.
extension NetlinkSocket {
  /// Gives an interface an address, at once: without duplicate address detection (RFC 4862).
  public func addAddress(_ ifindex: UInt32, _ prefix: IPPrefix) throws(NetlinkError) {
    var request = addressRequest(
      RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, prefix,
      flags: prefix.address.isIPv4 ? 0 : UInt8(IFA_F_NODAD))
    // As `ip addr add ... brd +`: the kernel sets none of itself.
    if case .v4(let value) = prefix.address, prefix.length < 31 {
      let broadcast = IPAddress.v4(value | (UInt32.max >> UInt32(prefix.length)))
      request.attribute(IFA_BROADCAST, broadcast.octets)
    }
    try self.request(request, "add address \(prefix) to interface number \(ifindex)")
  }

  /// Takes an address away; throws `EADDRNOTAVAIL` where it is not.
  public func deleteAddress(_ ifindex: UInt32, _ prefix: IPPrefix) throws(NetlinkError) {
    try request(
      addressRequest(RTM_DELADDR, 0, ifindex, prefix, flags: 0),
      "delete address \(prefix) of interface number \(ifindex)")
  }

  private func addressRequest(_ type: Int, _ how: Int32, _ ifindex: UInt32, _ prefix: IPPrefix, flags: UInt8)
    -> MessageBuilder
  {
    var request = MessageBuilder(type: type, flags: NLM_F_REQUEST | NLM_F_ACK | how)
    request.append(UInt8(prefix.address.isIPv4 ? AF_INET : AF_INET6))
    request.append(UInt8(prefix.length))
    request.append(flags)
    request.append(UInt8(RT_SCOPE_UNIVERSE.rawValue))
    request.append(ifindex)
    request.attribute(IFA_LOCAL, prefix.address.octets)
    request.attribute(IFA_ADDRESS, prefix.address.octets)
    return request
  }
}
