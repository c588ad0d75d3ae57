import Foundation
import LinuxNamespaces
import NetworkAddresses
import Testing
import TraceDiscovery
import TraceModel

@Suite("Wherever a namespace hides", .enabled(if: isRoot, "needs root"))
struct HiddenNamespaceTests {
  /// A parent with one child in a namespace that has no name any more and that `hold` alone keeps.
  private func withHiddenChild(
    hold: (String) throws -> Holder?, _ body: (TestNamespace, _ mac: String, UInt64, Holder?) throws -> Void
  ) throws {
    let host = try TestNamespace()
    let name = "\(host.name)-hidden"
    try output(of: ["ip", "netns", "add", name])
    defer { _ = try? output(of: ["ip", "netns", "delete", name]) }
    try host.ip(
      """
      link add p0 type veth peer name p1
      link set p0 up
      link set p1 up
      link add link p0 name eth0 netns \(name) type macvlan mode bridge
      """)
    try output(of: ["ip", "-n", name, "link", "set", "eth0", "up"])
    let links = try output(of: ["ip", "-n", name, "-j", "link", "show", "eth0"])
    let link = try JSONSerialization.jsonObject(with: links) as? [[String: Any]]
    let mac = try #require(link?.first?["address"] as? String)
    let inode = try NetworkNamespace.named(name).identity.inode
    let holder = try hold("/run/netns/\(name)")
    try output(of: ["ip", "netns", "delete", name])
    try body(host, mac, inode, holder)
    holder?.stop()
  }

  /// What a command prints of the child when it enters the namespace by a process or thread.
  private func mac(by pid: Int32) throws -> String? {
    let text = try output(of: ["nsenter", "--net=/proc/\(pid)/ns/net", "ip", "-j", "link", "show", "eth0"])
    let links = try JSONSerialization.jsonObject(with: text) as? [[String: Any]]
    return links?.first?["address"] as? String
  }

  @Test("in a process alone")
  func process() throws {
    try withHiddenChild(hold: { try Holder.process(in: $0) }) { host, mac, inode, holder in
      let topology = try host.scan("p0")
      #expect(topology.children.map(\.mac?.description) == [mac])
      #expect(topology.children.first?.namespace == "net:[\(inode)]")
      #expect(topology.namespace(inode)?.pid == holder?.pid)
    }
  }

  @Test("in a thread alone, whose number serves to enter")
  func thread() throws {
    try withHiddenChild(hold: { try Holder.thread(in: $0) }) { host, mac, inode, holder in
      let topology = try host.scan("p0")
      #expect(topology.children.map(\.mac?.description) == [mac])
      #expect(topology.namespace(inode)?.pid.map { "\($0)" } == holder?.line)
      let pid = try #require(topology.namespace(inode)?.pid)
      #expect(try self.mac(by: pid) == mac)
    }
  }

  @Test("in a descriptor alone")
  func descriptor() throws {
    try withHiddenChild(hold: { try Holder.descriptor(of: $0) }) { host, mac, inode, _ in
      let topology = try host.scan("p0")
      #expect(topology.children.map(\.mac?.description) == [mac])
      #expect(topology.children.first?.id.namespace == inode)
    }
  }

  @Test("in a mount elsewhere alone")
  func mount() throws {
    let path = FileManager.default.temporaryDirectory.path + "/mvt\(getpid())-\(UUID().uuidString)"
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    defer { unlink(path) }
    try withHiddenChild(hold: {
      try output(of: ["mount", "--bind", $0, path])
      return nil
    }) { host, mac, inode, _ in
      let topology = Result { try host.scan("p0") }
      try output(of: ["umount", path])
      #expect(try topology.get().children.map(\.mac?.description) == [mac])
      #expect(try topology.get().children.first?.id.namespace == inode)
    }
  }

  @Test("in a socket alone: the child is listed by its address in the parent's filter")
  func socket() throws {
    try withHiddenChild(hold: { try Holder.socket(in: $0) }) { host, mac, inode, _ in
      let entries = try host.json("bridge", "fdb", "show", "dev", "p0").compactMap { $0["mac"] as? String }
      let unicast = entries.filter { MACAddress($0)?.isMulticast == false }
      #expect(unicast == [mac])
      let topology = try host.scan("p0")
      #expect(topology.children.map(\.mac?.description) == unicast)
      let child = try #require(topology.children.first)
      #expect(child.namespace == "unreachable")
      #expect(child.id.namespace == 0)
      #expect(child.parent == topology.parent)
      #expect(!topology.namespaces.contains { $0.id == inode })
      // One that carries nothing but such a child carries a child.
      let parents = try host.namespace.run { try TopologyScanner.parents() }
      #expect(parents == ["p0"])
    }
  }

  @Test("in nothing: when its last holder ends, the child ends")
  func ended() throws {
    try withHiddenChild(hold: { try Holder.process(in: $0) }) { host, _, _, holder in
      #expect(try host.scan("p0").children.count == 1)
      holder?.stop()
      let isGone = try eventually { try host.scan("p0").children.isEmpty ? true : nil }
      #expect(isGone == true)
    }
  }

  @Test("a process that may not be inspected is stated")
  func limitations() throws {
    let host = try TestNamespace()
    try host.ip("link add p0 type veth peer name p1")
    for _ in 0..<50 {
      let before = try #require(NamespaceScan().unreadableProcesses)
      let limitations = try host.scanWithLimitations("p0").limitations
      guard NamespaceScan().unreadableProcesses == before else { continue }
      #expect(limitations.map(\.feature) == (before == 0 ? [] : ["network namespaces"]))
      if before > 0 { #expect(limitations.first?.consequence.hasPrefix("\(before) process") == true) }
      return
    }
    Issue.record("the processes never stood still")
  }
}
