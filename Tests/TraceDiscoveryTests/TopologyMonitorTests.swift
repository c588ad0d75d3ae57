import LinuxNamespaces
import Netlink
import NetworkAddresses
import Testing
import TraceDiscovery
import TraceModel

@Suite("The monitor", .enabled(if: isRoot, "needs root"))
struct TopologyMonitorTests {
  private let host: TestNamespace
  private let socket: NetlinkSocket
  private let parent: Netlink.Link

  init() throws {
    host = try TestNamespace()
    try host.ip("link add p0 type veth peer name p1\nlink set p0 up\nlink set p1 up")
    socket = try NetlinkSocket(in: host.namespace)
    parent = try socket.link(named: "p0")
  }

  /// Runs `body` in the parent's namespace with a monitor of it.
  private func watch<Value: Sendable>(_ body: @Sendable (TopologyMonitor) throws -> Value) throws -> Value {
    let id = InterfaceID(namespace: host.inode, ifindex: parent.ifindex)
    return try host.namespace.run { try body(try TopologyMonitor(parent: id)) }
  }

  /// What it tells until it tells nothing any more, or that the parent is gone.
  private static func changes(_ monitor: TopologyMonitor) throws -> TopologyMonitor.Changes {
    var all = try monitor.wait(timeout: 1500)
    while !all.parentGone {
      let changes = try monitor.wait(timeout: 1500)
      guard changes.needsScan || changes.parentGone else { break }
      all = changes
    }
    return all
  }

  @Test("tells of the parent's end")
  func deleted() throws {
    let socket = socket
    let ifindex = parent.ifindex
    let changes = try watch { monitor in
      try socket.delete(ifindex)
      return try Self.changes(monitor)
    }
    #expect(changes.parentGone)
  }

  @Test("tells of a parent that moved away")
  func moved() throws {
    let (socket, ifindex, other) = (socket, parent.ifindex, try TestNamespace())
    let namespace = other.namespace
    let changes = try watch { monitor in
      try socket.move(ifindex, to: namespace)
      return try Self.changes(monitor)
    }
    #expect(changes.parentGone)
  }

  @Test("tells of a parent that ended before it began to listen")
  func deletedBefore() throws {
    try socket.delete(parent.ifindex)
    let changes = try watch { try $0.wait(timeout: 0) }
    #expect(changes.parentGone)
  }

  @Test("tells of the parent's end although the message was lost")
  func lost() throws {
    let (socket, ifindex) = (socket, parent.ifindex)
    // One that listens to the same and shows that the message was really lost.
    let witness = try NetlinkSocket(in: host.namespace)
    try witness.subscribe(to: [.link, .ipv4Address, .ipv6Address, .namespaceID])
    let changes = try watch { monitor in
      _ = try monitor.wait(timeout: 0)
      for number in UInt32(0)..<4000 { try socket.setMTU(ifindex, 1400 + number % 2) }
      try socket.delete(ifindex)
      return try monitor.wait(timeout: 1000)
    }
    let told = try witness.notifications(timeout: 0)
    #expect(told.contains(.overrun))
    let isTold = told.contains {
      if case .deletedLink(let link) = $0 { link.ifindex == ifindex } else { false }
    }
    #expect(!isTold)
    #expect(changes.needsScan)
    #expect(changes.parentGone)
  }

  @Test("lost messages alone are no end: they ask for a scan")
  func overrun() throws {
    let (socket, ifindex) = (socket, parent.ifindex)
    let changes = try watch { monitor in
      _ = try monitor.wait(timeout: 0)
      for number in UInt32(0)..<4000 { try socket.setMTU(ifindex, 1400 + number % 2) }
      return try monitor.wait(timeout: 1000)
    }
    #expect(changes.needsScan)
    #expect(!changes.parentGone)
  }

  @Test("tells of a child that is made elsewhere, and of quiet")
  func children() throws {
    let (socket, ifindex, container) = (socket, parent.ifindex, try TestNamespace())
    let namespace = container.namespace
    let (quiet, changes) = try watch { monitor in
      _ = try Self.changes(monitor)
      let quiet = try monitor.wait(timeout: 0)
      try socket.createMacvlan(
        LinkSpecification("eth0", namespace: namespace), parent: ifindex, mode: .bridge)
      return (quiet, try Self.changes(monitor))
    }
    #expect(!quiet.needsScan)
    #expect(!quiet.parentGone)
    #expect(changes.needsScan)
    #expect(!changes.parentGone)
  }

  @Test("tells of a link and of an address in a namespace that has an id here, and of no pair of veth")
  func elsewhere() throws {
    let (socket, ifindex, container) = (socket, parent.ifindex, try TestNamespace())
    let namespace = container.namespace
    try socket.createMacvlan(LinkSpecification("eth0", namespace: namespace), parent: ifindex, mode: .bridge)
    try socket.assignNamespaceID(to: namespace)
    let inside = try NetlinkSocket(in: namespace)
    let child = try inside.link(named: "eth0").ifindex
    let prefix = try #require(IPPrefix("172.22.16.10/24"))
    let changes = try watch { monitor in
      _ = try Self.changes(monitor)
      try inside.createVeth(LinkSpecification("v0"), LinkSpecification("v1"))
      let pair = try monitor.wait(timeout: 300)
      try inside.setMTU(child, 1400)
      let link = try monitor.wait(timeout: 1500)
      _ = try Self.changes(monitor)
      try inside.addAddress(child, prefix)
      return [pair, link, try monitor.wait(timeout: 1500)]
    }
    #expect(changes.map(\.needsScan) == [false, true, true])
  }
}
