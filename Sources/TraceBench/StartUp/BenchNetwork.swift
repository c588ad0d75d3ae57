import BPF
import CLinux
import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses

/// A parent with its children, each child in a namespace of its own; removed with this value.
final class BenchNetwork {
  static let parent = "ens33"
  /// The other end of the parent's cable.
  static let port = "port"
  /// Who sends to all children.
  static let sender = MACAddress(rawValue: 0x0200_0000_beef)
  let host: NetworkNamespace
  /// The number of the parent.
  let parentIndex: UInt32
  private var names: [String] = []

  /// - Parameter label: tells several networks at a time apart.
  init(children: Int, label: String = "bench") throws {
    let name = "mvt\(getpid())-\(label)"
    host = try NetworkNamespace.create(named: name)
    names.append(name)
    let socket = try NetlinkSocket(in: host)
    try socket.createVeth(LinkSpecification(Self.parent), LinkSpecification(Self.port))
    parentIndex = try socket.link(named: Self.parent).ifindex
    try socket.setUp(parentIndex, true)
    try socket.setUp(try socket.link(named: Self.port).ifindex, true)
    for number in 0..<children {
      let name = "mvt\(getpid())-\(label)\(number)"
      let namespace = try NetworkNamespace.create(named: name)
      names.append(name)
      let mac = MACAddress(rawValue: 0x0200_0000_1000 + UInt64(number))
      try socket.createMacvlan(
        LinkSpecification("eth0", mac: mac, namespace: namespace), parent: parentIndex, mode: .bridge)
      let inside = try NetlinkSocket(in: namespace)
      try inside.setUp(try inside.link(named: "eth0").ifindex, true)
    }
  }

  deinit {
    for name in names { try? NetworkNamespace.delete(named: name) }
  }

  /// The namespace of the first child.
  func firstChild() throws -> NetworkNamespace { try NetworkNamespace.named(names[1]) }

  /// Has the flood's frames taken at the first child, behind whoever observes there, from now on.
  func takeFrames(of flood: Flood) throws {
    let socket = try NetlinkSocket(in: try firstChild())
    let child = try socket.link(named: "eth0").ifindex
    try socket.apply(.addClsact(ifindex: child))
    try socket.apply(
      .addFilter(
        BPFFilter(ifindex: child, direction: .ingress, priority: 100, handle: 1, name: "take"),
        programDescriptor: flood.taker.fileDescriptor))
  }

  /// Keeps IPv6 from sending by itself: whoever counts frames finds those of the bench alone.
  func silence() throws {
    for name in names {
      try NetworkNamespace.named(name).run {
        for interface in ["all", "default"] {
          try ProcFS.write("/proc/sys/net/ipv6/conf/\(interface)/disable_ipv6", "1")
        }
      }
    }
  }

  /// A packet socket at the other end of the parent's cable, which the caller closes.
  func portSocket() throws -> Int32 {
    try host.run {
      let socket = clinux_packet_socket(Int32(try NetlinkSocket().link(named: Self.port).ifindex))
      guard socket >= 0 else { throw BenchError("open a packet socket: errno \(errno)") }
      return socket
    }
  }

  /// Sends one frame to all children, and waits until the driver has handed out its copies.
  func broadcast() throws {
    // EtherType 0x88b5, which IEEE 802 keeps for experiments.
    let frame =
      MACAddress.broadcast.octets + Self.sender.octets + [0x88, 0xb5] + [UInt8](repeating: 0, count: 46)
    let socket = try portSocket()
    defer { close(socket) }
    guard clinux_send_frames(socket, frame, UInt32(frame.count), 1) == 1 else {
      throw BenchError("send a frame: errno \(errno)")
    }
    // A work queue does that.
    usleep(200_000)
  }
}
