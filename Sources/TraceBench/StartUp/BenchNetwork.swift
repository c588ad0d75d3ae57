import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses

/// A parent with its children, each child in a namespace of its own; removed with this value.
final class BenchNetwork {
  static let parent = "ens33"
  let host: NetworkNamespace
  private var names: [String] = []

  init(children: Int) throws {
    let name = "mvt\(getpid())-bench"
    host = try NetworkNamespace.create(named: name)
    names.append(name)
    let socket = try NetlinkSocket(in: host)
    try socket.createVeth(LinkSpecification(Self.parent), LinkSpecification("port"))
    let parent = try socket.link(named: Self.parent).ifindex
    try socket.setUp(parent, true)
    try socket.setUp(try socket.link(named: "port").ifindex, true)
    for number in 0..<children {
      let name = "mvt\(getpid())-bench\(number)"
      let namespace = try NetworkNamespace.create(named: name)
      names.append(name)
      let mac = MACAddress(rawValue: 0x0200_0000_1000 + UInt64(number))
      try socket.createMacvlan(
        LinkSpecification("eth0", mac: mac, namespace: namespace), parent: parent, mode: .bridge)
      let inside = try NetlinkSocket(in: namespace)
      try inside.setUp(try inside.link(named: "eth0").ifindex, true)
    }
  }

  deinit {
    for name in names { try? NetworkNamespace.delete(named: name) }
  }
}
