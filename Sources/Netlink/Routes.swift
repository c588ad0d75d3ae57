import CLinux
import Glibc
public import NetworkAddresses
import SystemPackage

extension NetlinkSocket {
  /// Every IPv4 and IPv6 route of the namespace, of every table.
  public func routes() throws(NetlinkError) -> [Route] {
    var routes: [Route] = []
    for family in [AF_INET, AF_INET6] {
      var request = MessageBuilder(type: RTM_GETROUTE, flags: NLM_F_REQUEST | NLM_F_DUMP)
      request.append(UInt8(family))
      request.appendZeros(11)
      routes += try dump(request, "list the routes") { $0.type == RTM_NEWROUTE ? Route($0) : nil }
    }
    return routes
  }

  /// The route that the kernel would take to an address, with the table in which it found it.
  ///
  /// - Parameters:
  ///   - source: the address that the packet would have; `nil`: the one that the route gives it.
  ///   - ifindex: the only interface by which it may leave; `nil`: any.
  /// - Throws: what the lookup gives: `ENETUNREACH`, `EHOSTUNREACH`, `EACCES` (prohibit), `EINVAL` (blackhole).
  public func route(to destination: IPAddress, from source: IPAddress? = nil, ifindex: UInt32? = nil)
    throws(NetlinkError) -> Route
  {
    var request = MessageBuilder(type: RTM_GETROUTE, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.append(UInt8(destination.isIPv4 ? AF_INET : AF_INET6))
    request.append(UInt8(destination.bitWidth))
    request.append(UInt8(source?.bitWidth ?? 0))
    request.appendZeros(5)
    // Without this IPv4's answer names the main table whichever it was (inet_rtm_getroute in net/ipv4/route.c); IPv6's
    // names the right one.
    request.append(destination.isIPv4 ? UInt32(RTM_F_LOOKUP_TABLE) : 0)
    request.attribute(Int(RTA_DST.rawValue), destination.octets)
    if let source { request.attribute(Int(RTA_SRC.rawValue), source.octets) }
    if let ifindex { request.attribute(Int(RTA_OIF.rawValue), ifindex) }
    let what = "look up the route to \(destination)"
    let routes = try self.request(request, what) { $0.type == RTM_NEWROUTE ? Route($0) : nil }
    guard let route = routes.first else { throw NetlinkError(what, errno: .ioError) }
    return route
  }
}
