import LinuxNamespaces
import Netlink
import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiscovery

/// Calls every child's container by one name.
private struct Everybody: ContainerNaming {
  let name: String

  func names(for children: [Interface], limitations: inout [Degradation]) -> [InterfaceID: Container] {
    Dictionary(uniqueKeysWithValues: children.map { ($0.id, Container(runtime: "docker", name: name)) })
  }
}

@Suite("A namespace that is called like something else", .enabled(if: isRoot, "needs root"))
struct NamespaceLabelTests {
  private let host: TestNamespace
  private let other: TestNamespace

  init() throws {
    host = try TestNamespace()
    other = try TestNamespace()
    try host.ip(
      """
      link add p0 type veth peer name p1
      link add link p0 name shim type macvlan mode bridge
      link add link p0 name eth0 netns \(other.name) type macvlan mode bridge
      """)
  }

  @Test("by ip netns", arguments: ["host", "unreachable"])
  func named(_ name: String) throws {
    // Not made by that name, which is one for the whole machine.
    var found = try #require(NamespaceScan().namespace(other.namespace.identity))
    found.names = [name]
    let (home, links) = (host.namespace, try NetlinkSocket(in: host.namespace).links())
    let parent = try #require(links.first { $0.name == "p0" })
    let visit = try found.visit { [found] in
      try NamespaceView(visiting: found, host: home, stack: [parent.ifindex], linksOnly: false)
    }
    guard case .some(.some(let view)) = visit else {
      Issue.record("the namespace is of no interest")
      return
    }
    let own = NamespaceView(host: FoundNamespace(identity: home.identity), links: links)
    let interfaces = InterfaceStack.interfaces(on: parent, in: [own, view])
    #expect(interfaces.map(\.namespace) == ["host", "host", "netns \(name)"])
    #expect(interfaces.last?.label == "eth0 in netns \(name)")
    // The name that `ip netns exec` takes stays as it is.
    #expect(view.content?.state.netnsName == name)
    #expect(view.content?.state.name == "netns \(name)")
  }

  @Test("by a container engine, which has no say in the parent's own namespace", arguments: ["host", "web"])
  func container(_ name: String) throws {
    let topology = try host.scan("p0", containers: Everybody(name: name))
    let label = name == "host" ? "container host" : name
    let namespaces = Dictionary(uniqueKeysWithValues: topology.interfaces.map { ($0.name, $0.namespace) })
    #expect(namespaces == ["p0": "host", "shim": "host", "eth0": label])
    #expect(topology.interfaces.map { $0.container?.name } == [nil, nil, name])
    #expect(topology.namespace(host.inode)?.name == "host")
    #expect(topology.namespace(other.inode)?.name == label)
  }
}
