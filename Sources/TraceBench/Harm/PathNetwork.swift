import LinuxNamespaces
import Glibc
import Netlink
import NetworkAddresses
import TraceLab

/// A host with a macvlan child, and somebody at the other end of the parent's cable: two ends between which traffic goes by the
/// parent and the child, in and out. Removed with this value.
final class PathNetwork {
  let host: NetworkNamespace
  let near: NetworkNamespace
  let far: NetworkNamespace
  private let names: [String]

  static let nearAddress: UInt32 = 0x0a4d_0001
  static let farAddress: UInt32 = 0x0a4d_0002

  init() throws {
    names = ["host", "near", "far"].map { "mvt\(getpid())-\($0)" }
    host = try NetworkNamespace.create(named: names[0])
    near = try NetworkNamespace.create(named: names[1])
    far = try NetworkNamespace.create(named: names[2])
    let socket = try NetlinkSocket(in: host)
    try socket.createVeth(
      LinkSpecification(BenchNetwork.parent), LinkSpecification(Self.end, namespace: far))
    let parent = try socket.link(named: BenchNetwork.parent).ifindex
    try socket.setUp(parent, true)
    try socket.createMacvlan(LinkSpecification(Self.end, namespace: near), parent: parent, mode: .bridge)
    for (namespace, address) in [(near, Self.nearAddress), (far, Self.farAddress)] {
      let inside = try NetlinkSocket(in: namespace)
      let end = try inside.link(named: Self.end).ifindex
      try inside.setUp(end, true)
      guard let prefix = IPPrefix("\(IPAddress.v4(address))/24") else { continue }
      try inside.addAddress(end, prefix)
    }
  }

  deinit {
    for name in names { try? NetworkNamespace.delete(named: name) }
  }

  private static let end = "eth0"

  /// Turns the joining and cutting of segments on or off at every interface of the path.
  func setOffloads(_ isOn: Bool) throws {
    let state = isOn ? "on" : "off"
    for (namespace, interface) in [(far, Self.end), (host, BenchNetwork.parent), (near, Self.end)] {
      let words = ["ethtool", "-K", interface, "tso", state, "gso", state, "gro", state]
      let result = try CommandRunner.run(words, in: namespace)
      guard result.status == 0 else { throw BenchError("\(words.joined(separator: " ")): \(result.output)") }
    }
  }
}
