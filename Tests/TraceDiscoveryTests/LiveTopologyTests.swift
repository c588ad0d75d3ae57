import Foundation
import LinuxNamespaces
import Netlink
import Testing
import TraceDiscovery
import TraceModel

@Suite("A topology that is kept current", .enabled(if: isRoot, "needs root"))
struct LiveTopologyTests {
  /// What is seen of a parent `p0` in a namespace, after `change` was made and followed until `isDone`.
  private static func follow(
    _ change: @escaping @Sendable (TestNamespace, TestNamespace) throws -> Void,
    until isDone: @escaping @Sendable (Topology) -> Bool
  ) throws -> Topology {
    let (host, other) = (try TestNamespace(), try TestNamespace())
    try host.ip("link add p0 type veth peer name p1\nlink set p0 up\nlink set p1 up")
    nonisolated(unsafe) let namespaces = (host, other)
    return try host.namespace.run {
      let live = try LiveTopology(parent: "p0")
      // All that happened before it listened.
      _ = try live.follow(timeout: 0)
      try change(namespaces.0, namespaces.1)
      let end = Date() + 5
      while Date() < end, !isDone(live.topology) { _ = try live.follow(timeout: 100) }
      return live.topology
    }
  }

  @Test("a child that is made elsewhere and moves on is where it went")
  func moves() throws {
    let third = try TestNamespace()
    let (name, inode) = (third.name, third.inode)
    let topology = try Self.follow({ host, other in
      try host.ip("link add link p0 name eth0 index 77 netns \(other.name) type macvlan mode bridge")
      usleep(300_000)
      try other.ip("link set eth0 netns \(name)")
    }) { $0.children.contains { $0.id.namespace == inode } }
    #expect(topology.children.map(\.id.namespace) == [inode])
  }

  /// The looks that news bring do not read the threads and descriptors of every process, unless a child is missing.
  @Test("a child in a namespace that only a descriptor or a thread holds is seen as it comes, and stays")
  func hidden() throws {
    let host = try TestNamespace()
    try host.ip("link add p0 type veth peer name p1\nlink set p0 up\nlink set p1 up")
    nonisolated(unsafe) let parent = host
    try parent.namespace.run {
      let live = try LiveTopology(parent: "p0")
      _ = try live.follow(timeout: 0)
      var holders: [Holder] = []
      for hold in [Holder.descriptor, Holder.thread(in:)] {
        // A look at everything is seconds away: what it would find is none of news.
        _ = try eventually { try live.follow(timeout: 50) == .none ? true : nil }
        let name = "\(parent.name)-hidden\(holders.count)"
        try output(of: ["ip", "netns", "add", name])
        let path = "/run/netns/\(name)"
        let inode = try NetworkNamespace.named(name).identity.inode
        holders.append(try hold(path))
        try output(of: ["ip", "netns", "delete", name])
        let pid = holders[holders.count - 1].pid
        let entry = holders.count == 1 ? "/proc/\(pid)/fd/9" : "/proc/\(pid)/task/\(holders[1].line)/ns/net"
        let start = Date()
        try parent.ip("link add link p0 name eth\(holders.count) netns \(entry) type macvlan mode bridge")
        while Date() < start + 5, !live.topology.children.contains(where: { $0.id.namespace == inode }) {
          _ = try live.follow(timeout: 20)
        }
        #expect(live.topology.children.contains { $0.id.namespace == inode }, "\(entry)")
        // What happens elsewhere does not lose it.
        try parent.ip("link set p1 mtu 1400\nlink add link p0 name other type macvlan\nlink delete other")
        while case .changed = try live.follow(timeout: 50) {}
        #expect(live.topology.children.count == holders.count)
      }
      holders[0].stop()
      let isGone = try eventually {
        _ = try live.follow(timeout: 20)
        return live.topology.children.count == 1 ? true : nil
      }
      #expect(isGone == true)
    }
  }

  @Test("what changes in a namespace is what a look at everything finds")
  func agreement() throws {
    let (host, other) = (try TestNamespace(), try TestNamespace())
    try host.ip("link add p0 type veth peer name p1\nlink set p0 up\nlink set p1 up")
    nonisolated(unsafe) let namespaces = (host, other)
    try host.namespace.run {
      let (host, other) = namespaces
      let live = try LiveTopology(parent: "p0")
      for number in 0..<6 {
        try host.ip("link add link p0 name eth\(number) netns \(other.name) type macvlan mode bridge")
        try other.ip("address add 172.22.16.\(10 + number)/24 dev eth\(number)")
        if number > 1 { try other.ip("link set eth\(number - 1) mtu 1400\nlink delete eth\(number - 2)") }
        let names = number > 0 ? ["eth\(number - 1)", "eth\(number)"] : ["eth0"]
        let end = Date() + 5
        while Date() < end, live.topology.children.map(\.name).sorted() != names {
          _ = try live.follow(timeout: 50)
        }
        while case .changed = try live.follow(timeout: 50) {}
        let whole = try TopologyScanner(parent: "p0", containers: Nobody()).scan()
        #expect(Self.facts(live.topology) == Self.facts(whole))
      }
    }
  }

  /// A topology without what changes by itself.
  private static func facts(_ topology: Topology) -> [String] {
    topology.interfaces.map { "\($0.id) \($0.name) \($0.mtu) \($0.up) \($0.addresses) \($0.namespace)" }
  }
}
