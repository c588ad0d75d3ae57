import Foundation
import LinuxNamespaces
import Netlink
import NetworkAddresses
import Synchronization
import TestSupport
import Testing
import TraceModel

@testable import TraceDiscovery

@Suite("A network that changes while it is scanned", .enabled(if: isRoot, "needs root"))
struct ChangingNetworkTests {
  /// Runs `change` again and again on a thread of its own while `body` runs.
  private func whileChanging<Value>(
    _ change: @escaping @Sendable (Int) throws -> Void, _ body: () throws -> Value
  )
    throws -> Value
  {
    let state = ChangeState()
    let thread = try BackgroundThread {
      var round = 0
      while !state.isDone.load(ordering: .acquiring) {
        do { try change(round) } catch { state.failure.withLock { $0 = $0 ?? error } }
        round += 1
        state.rounds.store(round, ordering: .releasing)
      }
    }
    let result = Result { try body() }
    state.isDone.store(true, ordering: .releasing)
    thread.join()
    if let failure = state.failure.withLock({ $0 }) { Issue.record(failure) }
    #expect(state.rounds.load(ordering: .acquiring) > 1)
    return try result.get()
  }

  private final class ChangeState: Sendable {
    let isDone = Atomic(false)
    let rounds = Atomic(0)
    let failure = Mutex<(any Error)?>(nil)
  }

  private static func descriptors() -> Int {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
  }

  /// A parent `p0` that is up.
  private func host() throws -> (TestNamespace, NetlinkSocket, UInt32) {
    let host = try TestNamespace()
    try host.ip("link add p0 type veth peer name p1\nlink set p0 up\nlink set p1 up")
    let socket = try NetlinkSocket(in: host.namespace)
    return (host, socket, try socket.link(named: "p0").ifindex)
  }

  @Test("children that come, move and go are never called unreachable")
  func children() throws {
    let (host, socket, parent) = try host()
    let others = try (0..<4).map { _ in try TestNamespace() }
    let namespaces = others.map(\.namespace)
    let sockets = try namespaces.map { try NetlinkSocket(in: $0) }
    let seen = try whileChanging({ round in
      let (first, second) = (round % 4, (round + 1) % 4)
      try socket.createMacvlan(
        LinkSpecification("eth0", namespace: namespaces[first]), parent: parent, mode: .bridge)
      let child = try sockets[first].link(named: "eth0").ifindex
      try sockets[first].setUp(child, true)
      usleep(UInt32(round % 7) * 500)
      try sockets[first].move(child, to: namespaces[second])
      let moved = try sockets[second].link(named: "eth0").ifindex
      try sockets[second].setUp(moved, true)
      usleep(UInt32(round % 5) * 500)
      try sockets[second].delete(moved)
    }) {
      var seen = 0
      for _ in 0..<100 {
        let children = try host.scan("p0").children
        #expect(!children.contains { $0.namespace == "unreachable" }, "\(children)")
        seen += children.count
      }
      return seen
    }
    #expect(seen > 0)
  }

  @Test("namespaces that end are left out, and no descriptor is left behind")
  func namespaces() throws {
    let (host, socket, parent) = try host()
    _ = try host.scan("p0")
    let before = Self.descriptors()
    let prefix = "\(host.name)-"
    try whileChanging({ round in
      let name = "\(prefix)\(round % 3)"
      let namespace = try NetworkNamespace.create(named: name)
      defer { try? NetworkNamespace.delete(named: name) }
      try socket.createMacvlan(LinkSpecification("eth0", namespace: namespace), parent: parent, mode: .bridge)
    }) {
      for _ in 0..<100 {
        let (topology, limitations) = try host.scanWithLimitations("p0")
        #expect(!limitations.contains { $0.consequence.contains("could not be read") }, "\(limitations)")
        // Whatever is listed was read whole.
        for child in topology.children { #expect(topology.namespace(child.id.namespace) != nil, "\(child)") }
      }
    }
    #expect(Self.descriptors() <= before)
  }

  @Test("a parent that ends is a parent that is not there, never half a topology")
  func parent() throws {
    let host = try TestNamespace()
    let other = try TestNamespace()
    let socket = try NetlinkSocket(in: host.namespace)
    let namespace = other.namespace
    let (whole, gone) = try whileChanging({ _ in
      try socket.createVeth(LinkSpecification("p0"), LinkSpecification("p1"))
      let parent = try socket.link(named: "p0").ifindex
      try socket.createMacvlan(LinkSpecification("eth0", namespace: namespace), parent: parent, mode: .bridge)
      usleep(UInt32(Patience.times(30_000)))
      try socket.delete(parent)
      usleep(2000)
    }) {
      var (whole, gone) = (0, 0)
      // How often a scan meets the gap is the scheduler's choice: until both were met, for 30 s at most.
      let end = ContinuousClock.now + .seconds(30)
      while whole < 50 || gone < 5, ContinuousClock.now < end {
        do {
          let topology = try host.scan("p0")
          #expect(topology.parentInterface?.name == "p0")
          #expect(topology.namespace(host.inode) != nil)
          whole += 1
        } catch let error as DiscoveryError {
          #expect(error.code == .noSuchInterface, "\(error)")
          gone += 1
        }
      }
      return (whole, gone)
    }
    #expect(whole > 0)
    #expect(gone > 0)
  }

  @Test("200 children in 200 namespaces: all of them, with few descriptors and none left")
  func many() throws {
    let (host, socket, parent) = try host()
    let others = try (0..<200).map { _ in try TestNamespace() }
    for (index, other) in others.enumerated() {
      let mac = MACAddress(rawValue: 0x0200_0000_1000 + UInt64(index))
      try socket.createMacvlan(
        LinkSpecification("eth0", mac: mac, namespace: other.namespace), parent: parent, mode: .bridge)
    }
    _ = try host.scan("p0")
    let before = Self.descriptors()
    let peak = Peak()
    let topology = try whileChanging({ _ in peak.note(Self.descriptors()) }) { try host.scan("p0") }
    #expect(Self.descriptors() <= before)
    #expect(peak.value < before + 20)
    #expect(
      Set(topology.children.compactMap { $0.mac?.rawValue })
        == Set((0..<200).map { 0x0200_0000_1000 + UInt64($0) }))
    #expect(Set(topology.namespaces.map(\.id)) == Set(others.map(\.inode) + [host.inode]))
    #expect(topology.namespaces.allSatisfy { $0.sysctls["ipv4/ip_forward"] != nil })
  }

  private final class Peak: Sendable {
    private let most = Mutex(0)
    var value: Int { most.withLock { $0 } }
    func note(_ count: Int) { most.withLock { $0 = max($0, count) } }
  }

  @Test("an address that is in the filter before and after, and missing in each reading, is unreachable")
  func missing() throws {
    let parent = Interface(
      id: InterfaceID(namespace: 1, ifindex: 7), name: "ens33", namespace: "host", kind: .parent,
      mac: MACAddress(rawValue: 1))
    var vlan = Interface(
      id: InterfaceID(namespace: 1, ifindex: 8), name: "ens33.10", namespace: "host", kind: .vlan,
      mac: MACAddress(rawValue: 1))
    vlan.parent = parent.id
    vlan.vlan = VLANID(10)
    let trace = { UnreachableChildren.Trace(ifindex: $0, mac: MACAddress(rawValue: $1)) }
    // On the VLAN, on the parent, on another interface, and the parent's own.
    let traces: Set = [trace(7, 5), trace(8, 5), trace(7, 6), trace(9, 4), trace(7, 1)]
    let missing = UnreachableChildren.missing(traces, on: [parent, vlan], in: 1)
    #expect(missing == [trace(7, 5), trace(8, 5), trace(7, 6)])
    let children = UnreachableChildren.interfaces(missing, on: [parent, vlan], in: 1)
    #expect(children.map { $0.mac?.rawValue } == [5, 6])
    #expect(children.map(\.parent) == [vlan.id, parent.id])
    #expect(children.map { $0.vlan?.rawValue } == [10, nil])
  }
}
