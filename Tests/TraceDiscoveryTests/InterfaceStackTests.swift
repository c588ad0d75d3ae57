import LinuxNamespaces
import Testing
import TraceModel

@testable import Netlink
@testable import TraceDiscovery

@Suite("What sits on what")
struct InterfaceStackTests {
  /// A macvlan on interface 7 of the namespace that its own calls by that number.
  private func child(in namespaceID: Int32?) -> Netlink.Link {
    var link = Netlink.Link(ifindex: 2, hardwareType: 1, flags: 0)
    link.kind = "macvlan"
    link.link = 7
    link.linkNamespaceID = namespaceID
    return link
  }

  @Test("in another namespace, by its id there")
  func another() {
    #expect(InterfaceStack.sits(child(in: 3), on: 7, isSame: false, namespaceID: 3))
    #expect(!InterfaceStack.sits(child(in: 3), on: 7, isSame: false, namespaceID: 4))
    #expect(!InterfaceStack.sits(child(in: 3), on: 8, isSame: false, namespaceID: 3))
    #expect(!InterfaceStack.sits(child(in: nil), on: 7, isSame: false, namespaceID: 3))
  }

  @Test(
    "ids that were not assigned (NETNSA_NSID_NOT_ASSIGNED) equal nothing", arguments: [-1, -2, Int32.min])
  func unassigned(id: Int32) {
    #expect(!InterfaceStack.sits(child(in: id), on: 7, isSame: false, namespaceID: id))
    #expect(!InterfaceStack.sits(child(in: id), on: 7, isSame: false, namespaceID: nil))
    #expect(!InterfaceStack.sits(child(in: id), on: 7, isSame: true, namespaceID: nil))
  }

  @Test("in its own namespace, where the kernel gives no id")
  func own() {
    #expect(InterfaceStack.sits(child(in: nil), on: 7, isSame: true, namespaceID: nil))
    #expect(!InterfaceStack.sits(child(in: 0), on: 7, isSame: true, namespaceID: nil))
    #expect(InterfaceStack.indexes(on: 7, in: [child(in: nil)]) == [7, 2])
    #expect(InterfaceStack.indexes(on: 7, in: [child(in: 0)]) == [7])
  }

  @Test("a circle ends")
  func circle() {
    var lower = child(in: nil)
    lower.ifindex = 7
    lower.link = 2
    #expect(InterfaceStack.indexes(on: 7, in: [child(in: nil), lower]) == [7, 2])
  }

  @Test("other links that point to one below do not sit on it", arguments: ["veth", "", "bridge", "gre"])
  func kinds(kind: String) {
    var link = child(in: nil)
    link.kind = kind
    #expect(!InterfaceStack.sits(link, on: 7, isSame: true, namespaceID: nil))
  }

  @Test(
    "on an interface of a third namespace, by what the two call each other",
    .enabled(if: isRoot, "needs root"))
  func third() throws {
    let (host, router, container) = (try TestNamespace(), try TestNamespace(), try TestNamespace())
    try host.ip("link add p0 type veth peer name r0 netns \(router.name)")
    // Gives the container's namespace another name for the host's than for the router's.
    try host.ip("link add decoy type veth peer name decoy netns \(container.name)")
    try router.ip("link add link r0 name eth0 netns \(container.name) type macvlan mode bridge")
    let hostLinks = try NetlinkSocket(in: host.namespace).links()
    let parent = try #require(hostLinks.first { $0.name == "p0" })
    let routerSocket = try NetlinkSocket(in: router.namespace)
    // Stands for a VLAN on p0 that was moved there, which not every kernel can make.
    var vlan = try #require(try routerSocket.links().first { $0.name == "r0" })
    vlan.kind = "vlan"
    let hostID = try routerSocket.namespaceID(of: host.namespace)
    #expect(vlan.link == parent.ifindex)
    #expect(hostID != nil && vlan.linkNamespaceID == hostID)
    let scan = NamespaceScan()
    let found = try [host, router, container].map { try #require(scan.namespace($0.namespace.identity)) }
    let home = host.namespace
    let visit = try found[2].visit { [found] in
      try NamespaceView(visiting: found[2], host: home, stack: [parent.ifindex], linksOnly: true)
    }
    guard case .some(.some(let last)) = visit else {
      Issue.record("the namespace is of no interest")
      return
    }
    let own = NamespaceView(host: found[0], links: hostLinks)
    let middle = NamespaceView(found: found[1], links: [vlan], hostID: hostID, isHost: false, content: nil)
    // The one below is read after the one above, as may be.
    let interfaces = InterfaceStack.interfaces(on: parent, in: [own, last, middle])
    #expect(interfaces.map(\.name) == ["p0", "r0", "eth0"])
    #expect(interfaces.map(\.parent) == [nil, interfaces.first?.id, interfaces.dropFirst().first?.id])
    #expect(interfaces.last?.id.namespace == container.inode)
  }
}
