import Foundation
import LinuxNamespaces
import Netlink
import NetworkAddresses
import SystemPackage
import TestSupport
import Testing

@Suite("Notifications", .enabled(if: isRoot, "needs root"))
struct NotificationTests {
  /// Reads until what `isWanted` describes has come, for at most five seconds.
  private func wait(
    _ socket: NetlinkSocket, for isWanted: (NetlinkNotification) -> Bool
  ) throws -> NetlinkNotification? {
    let end = ContinuousClock.now + .seconds(5)
    while ContinuousClock.now < end {
      if let found = try socket.notifications(timeout: 100).first(where: isWanted) { return found }
    }
    return nil
  }

  @Test("what changes is told, with its values")
  func changes() throws {
    let test = try TestNamespace()
    let listener = try NetlinkSocket(in: test.namespace)
    try listener.subscribe(to: NotificationGroup.allCases)
    let link = try test.veth().0
    let appeared = try wait(listener) {
      if case .newLink(let new) = $0 { new.ifindex == link.ifindex } else { false }
    }
    if case .newLink(let new) = appeared { #expect(new.name == "p0" && new.kind == "veth") }
    #expect(appeared != nil)

    let prefix = try #require(IPPrefix("172.22.16.2/24"))
    try test.socket.addAddress(link.ifindex, prefix)
    let address = try wait(listener) {
      if case .newAddress(let new) = $0 { new.prefix == prefix } else { false }
    }
    #expect(address != nil)

    let destination = try #require(IPPrefix("198.51.100.0/24"))
    try test.socket.addRoute(to: destination, ifindex: link.ifindex)
    let route = try wait(listener) {
      if case .newRoute(let new) = $0 { new.destination == destination } else { false }
    }
    #expect(route != nil)

    let peer = try #require(IPAddress("172.22.16.1"))
    let mac = try #require(MACAddress("02:00:00:00:00:99"))
    try test.socket.setNeighbor(link.ifindex, peer, mac)
    let neighbor = try wait(listener) {
      if case .newNeighbor(let new) = $0 { new.address == peer && new.mac == mac } else { false }
    }
    #expect(neighbor != nil)

    try test.socket.delete(link.ifindex)
    let deleted = try wait(listener) {
      if case .deletedLink(let old) = $0 { old.ifindex == link.ifindex } else { false }
    }
    #expect(deleted != nil)
  }

  @Test("a link that moves away tells where it went")
  func move() throws {
    let test = try TestNamespace()
    let other = try TestNamespace()
    let link = try test.veth().0
    let listener = try NetlinkSocket(in: test.namespace)
    try listener.subscribe(to: [.link])
    try test.socket.move(link.ifindex, to: other.namespace)
    let left = try wait(listener) {
      if case .deletedLink(let old) = $0 { old.ifindex == link.ifindex } else { false }
    }
    guard case .deletedLink(let old) = left else {
      Issue.record("nothing told that it left")
      return
    }
    #expect(old.movedToNamespaceID == (try test.socket.namespaceID(of: other.namespace)))
    #expect(old.movedToNamespaceID != nil)
  }

  @Test("a child that is made, or goes, elsewhere shows at its parent")
  func children() throws {
    let host = try TestNamespace()
    let container = try TestNamespace()
    let parent = try host.veth().0.ifindex
    let listener = try NetlinkSocket(in: host.namespace)
    try listener.subscribe(to: [.link])
    let isParent = { (notification: NetlinkNotification) in
      if case .newLink(let link) = notification { link.ifindex == parent } else { false }
    }
    try host.socket.createMacvlan(
      LinkSpecification("eth0", namespace: container.namespace), parent: parent, mode: .bridge)
    #expect(try wait(listener, for: isParent) != nil)
    // Carrier, which is told some time after a link was made.
    while try !listener.notifications(timeout: 1500).isEmpty {}
    try container.socket.delete(container.socket.link(named: "eth0").ifindex)
    #expect(try wait(listener, for: isParent) != nil)
  }

  @Test("no change, no notification, and the wait ends in time")
  func silence() throws {
    let test = try TestNamespace()
    let listener = try NetlinkSocket(in: test.namespace)
    try listener.subscribe(to: NotificationGroup.allCases)
    let start = ContinuousClock.now
    #expect(try listener.notifications(timeout: 50).isEmpty)
    #expect(ContinuousClock.now - start >= .milliseconds(45))
    #expect(try listener.notifications(timeout: 0).isEmpty)
  }

  @Test("changes that did not fit are told as lost, and the socket goes on")
  func overrun() throws {
    let test = try TestNamespace()
    let link = try test.veth().0
    let listener = try NetlinkSocket(in: test.namespace)
    try listener.subscribe(to: [.link])
    // Each tells of one link, in some kilobytes; the buffer holds two megabytes.
    for number in UInt32(0)..<3000 { try test.socket.setMTU(link.ifindex, 1400 + number % 2) }
    let told = try listener.notifications(timeout: 1000)
    #expect(told.contains(.overrun))
    #expect(told.count < 3000)
    try test.socket.setMTU(link.ifindex, 1300)
    let next = try listener.notifications(timeout: 1000)
    #expect(!next.contains(.overrun))
    let isTold = next.contains { if case .newLink(let new) = $0 { new.mtu == 1300 } else { false } }
    #expect(isTold)
  }

  @Test("a socket that listens also asks, and loses neither answers nor changes")
  func askingListener() throws {
    let test = try TestNamespace()
    let link = try test.veth().0
    try test.socket.subscribe(to: [.link])
    for number in UInt32(0)..<50 {
      try test.socket.setMTU(link.ifindex, 1300 + number)
      #expect(try test.socket.link(link.ifindex).mtu == 1300 + number)
      #expect(try test.socket.links().count == 3)
    }
    let told = try test.socket.notifications(timeout: 0).compactMap {
      if case .newLink(let new) = $0, new.ifindex == link.ifindex { new.mtu } else { nil }
    }
    #expect(Set(1300..<1350).isSubset(of: told))
  }

  @Test("a namespace that has an id here is alive until it ends, whether or not it has a name")
  func alive() throws {
    let here = try TestNamespace()
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/bin/sh")
    defer { if holder.isRunning { kill(holder.processIdentifier, SIGKILL) } }
    let (id, path) = try Self.namedAndLeft(known: here.socket, to: holder)
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(here.socket.isAlive(namespaceID: id))
    #expect(!here.socket.isAlive(namespaceID: id + 1))
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
    for _ in 0..<Patience.times(200) where here.socket.isAlive(namespaceID: id) { usleep(10_000) }
    #expect(!here.socket.isAlive(namespaceID: id))
  }

  /// Makes a namespace, and leaves it to a process that has its file open: what id it has, and what its path was.
  private static func namedAndLeft(known here: NetlinkSocket, to holder: Process) throws -> (Int32, String) {
    let there = try TestNamespace()
    try here.assignNamespaceID(to: there.namespace)
    let path = there.namespace.path
    let line = Pipe()
    holder.arguments = ["-c", "exec 9<\"$0\"; echo open; exec sleep 60", path]
    holder.standardOutput = line
    try holder.run()
    _ = line.fileHandleForReading.availableData
    return (try #require(try here.namespaceID(of: there.namespace)), path)
  }

  @Test("what changes in a namespace that has an id here is told with the id")
  func elsewhere() throws {
    let (here, there) = (try TestNamespace(), try TestNamespace())
    let listener = try NetlinkSocket(in: here.namespace)
    try listener.listenToAllNamespaces()
    try listener.subscribe(to: [.link, .namespaceID])
    let link = try there.veth().0
    #expect(try listener.namespaceID(of: there.namespace) == nil)
    #expect(try listener.events(timeout: 100).isEmpty, "nothing is told of a namespace without an id")
    try listener.assignNamespaceID(to: there.namespace)
    let id = try #require(try listener.namespaceID(of: there.namespace))
    let peer = try here.json("ip", "netns", "list-id")
    #expect(peer.contains { $0["nsid"] as? Int32 == id }, "\(peer)")
    #expect(throws: NetlinkError.self) { try listener.assignNamespaceID(to: there.namespace) }
    #expect(try listener.events(timeout: 1000).contains { $0.notification == .newNamespaceID(id) })
    try there.socket.setMTU(link.ifindex, 1400)
    let events = try listener.events(timeout: 1000)
    let isTold = events.contains { event in
      if case .newLink(let new) = event.notification {
        new.ifindex == link.ifindex && new.mtu == 1400
      } else {
        false
      }
    }
    #expect(isTold && events.allSatisfy { $0.namespaceID == id }, "\(events)")
  }
}
