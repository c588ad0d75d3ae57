/// A protocol layer, to say where in a frame reading or building stopped.
public enum Layer: String, Hashable, Sendable {
  case ethernet = "Ethernet"
  case vlanTag = "VLAN tag"
  case llc = "LLC"
  case arp = "ARP"
  case ipv4 = "IPv4"
  case ipv6 = "IPv6"
  case ipv6Extension = "IPv6 extension header"
  case icmpv4 = "ICMP"
  case icmpv6 = "ICMPv6"
  case neighborDiscovery = "Neighbor Discovery"
  case udp = "UDP"
  case tcp = "TCP"
}
