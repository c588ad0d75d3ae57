import Foundation
import LinuxNamespaces
import Netlink
import NetworkAddresses
import SystemPackage
import Testing

@Suite("Addresses, routes and neighbors, beside what iproute2 reads", .enabled(if: isRoot, "needs root"))
struct StateTests {
  private func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }
  private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  private func expectAgreement(_ test: TestNamespace) throws {
    let commands = [
      ["ip", "addr"], ["ip", "-4", "route", "show", "table", "all"],
      ["ip", "-6", "route", "show", "table", "all"],
      ["ip", "neigh"], ["bridge", "fdb"],
    ]
    let names = Agreement.names(try test.socket.links())
    let (ours, theirs) = try test.whileStill(commands) {
      let ours = try (
        test.socket.addresses(), test.socket.routes(), test.socket.neighbors(),
        test.socket.forwardingEntries()
      )
      return (ours, try commands.map(test.json))
    }
    try Agreement.expect(ours.0, theirs[0])
    try Agreement.expect(ours.1, theirs[1] + theirs[2], names: names)
    try Agreement.expect(ours.2, theirs[3], names: names)
    try Agreement.expect(ours.3, theirs[4], names: names)
  }

  @Test("addresses of both families are made, read and removed")
  func addresses() throws {
    let test = try TestNamespace()
    let (first, second) = try test.veth()
    for text in ["172.22.16.2/24", "172.22.16.3/24", "10.1.2.3/32", "192.0.2.0/31", "2001:db8::2/64"] {
      try test.socket.addAddress(first.ifindex, prefix(text))
    }
    try test.socket.addAddress(second.ifindex, prefix("172.22.17.1/16"))
    try expectAgreement(test)
    let own = try test.socket.addresses().filter { $0.prefix.address.isIPv4 && $0.ifindex == first.ifindex }
    #expect(
      own.map(\.prefix.description) == ["172.22.16.2/24", "10.1.2.3/32", "192.0.2.0/31", "172.22.16.3/24"])
    try test.socket.deleteAddress(first.ifindex, prefix("10.1.2.3/32"))
    try test.socket.deleteAddress(first.ifindex, prefix("2001:db8::2/64"))
    #expect(!(try test.socket.addresses().contains { $0.prefix.description == "10.1.2.3/32" }))
    try expectAgreement(test)
    let error = #expect(throws: NetlinkError.self) {
      try test.socket.deleteAddress(first.ifindex, prefix("10.1.2.3/32"))
    }
    #expect(error?.errno == .addressNotAvailable)
  }

  @Test("an address that was just added has no state to wait for")
  func noDuplicateDetection() throws {
    let test = try TestNamespace()
    let first = try test.veth().0
    try test.socket.addAddress(first.ifindex, prefix("2001:db8::2/64"))
    let own = try #require(try test.socket.addresses().first { $0.prefix.description == "2001:db8::2/64" })
    #expect(!own.isTentative)
  }

  @Test("an address that somebody else has is told from a good one")
  func duplicate() async throws {
    let test = try TestNamespace()
    let other = try TestNamespace()
    let (first, second) = try test.veth()
    try test.socket.move(second.ifindex, to: other.namespace)
    try other.socket.setUp(second.ifindex, true)
    try other.socket.addAddress(second.ifindex, prefix("2001:db8::2/64"))
    try test.run("ip", "addr", "add", "2001:db8::2/64", "dev", "p0")
    for _ in 0..<100 {
      let own = try test.socket.addresses().first { $0.prefix.description == "2001:db8::2/64" }
      if own?.isDuplicate == true {
        #expect(own?.ifindex == first.ifindex)
        try expectAgreement(test)
        return
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("the kernel never found the duplicate")
  }

  @Test("routes of each kind are made, replaced, read and removed")
  func routes() throws {
    let test = try TestNamespace()
    let first = try test.veth().0
    try test.socket.addAddress(first.ifindex, prefix("172.22.16.2/24"))
    try test.socket.addAddress(first.ifindex, prefix("2001:db8::2/64"))
    try test.socket.addRoute(to: prefix("0.0.0.0/0"), gateway: address("172.22.16.1"))
    try test.socket.addRoute(to: prefix("::/0"), gateway: address("2001:db8::1"), ifindex: first.ifindex)
    try test.socket.addRoute(to: prefix("198.51.100.0/24"), ifindex: first.ifindex)
    for (number, kind) in RouteSpecification.Kind.allCases.enumerated() where kind != .unicast {
      try test.socket.addRoute(RouteSpecification(to: prefix("192.0.\(number).0/24"), kind: kind))
      try test.socket.addRoute(RouteSpecification(to: prefix("2001:db8:\(number)::/48"), kind: kind))
    }
    let detailed = RouteSpecification(
      to: try prefix("203.0.113.9/24"), gateway: try address("172.22.16.9"), ifindex: first.ifindex,
      preferredSource: try address("172.22.16.2"), metric: 77, table: 1000)
    try test.socket.addRoute(detailed)
    try expectAgreement(test)

    let again = #expect(throws: NetlinkError.self) { try test.socket.addRoute(detailed) }
    #expect(again?.errno == .fileExists)
    var replacement = detailed
    replacement.gateway = try address("172.22.16.10")
    try test.socket.replaceRoute(replacement)
    let gateways = try test.socket.routes().filter { $0.table == 1000 }.map { $0.gateway?.description }
    #expect(gateways == ["172.22.16.10"])
    try expectAgreement(test)
    try test.socket.deleteRoute(replacement)
    #expect(!(try test.socket.routes().contains { $0.table == 1000 }))
    try test.socket.deleteRoute(RouteSpecification(to: prefix("0.0.0.0/0")))
    try expectAgreement(test)
    let gone = #expect(throws: NetlinkError.self) { try test.socket.deleteRoute(replacement) }
    #expect(gone?.errno == .noSuchProcess)
  }

  @Test("a lookup gives the route taken, or the reason why there is none")
  func lookup() throws {
    let test = try TestNamespace()
    let (first, second) = try test.veth()
    try test.socket.addAddress(first.ifindex, prefix("172.22.16.2/24"))
    try test.socket.addAddress(second.ifindex, prefix("172.22.17.2/24"))
    try test.socket.addRoute(to: prefix("198.51.100.0/24"), gateway: address("172.22.16.1"))
    try test.socket.addRoute(RouteSpecification(to: prefix("192.0.2.0/24"), kind: .blackhole))
    try test.socket.addRoute(RouteSpecification(to: prefix("192.0.3.0/24"), kind: .prohibit))
    try test.socket.addRoute(RouteSpecification(to: prefix("192.0.4.0/24"), kind: .unreachable))

    for text in ["198.51.100.7", "172.22.16.9", "172.22.17.9", "172.22.16.2"] {
      let route = try test.socket.route(to: address(text))
      let their = try #require(test.json("ip", "route", "get", text).first)
      #expect(route.gateway?.description == their["gateway"] as? String)
      #expect(route.preferredSource?.description == their["prefsrc"] as? String)
      let names = Agreement.names(try test.socket.links())
      #expect(route.ifindex == names[their["dev"] as? String ?? ""])
      #expect(route.typeName == their["type"] as? String ?? "unicast")
    }
    let forced = try test.socket.route(
      to: address("198.51.100.7"), from: address("172.22.17.2"), ifindex: second.ifindex)
    #expect(forced.ifindex == second.ifindex)
    #expect(forced.gateway == nil)
    let reasons: [(String, Errno)] = [
      ("203.0.113.1", .networkUnreachable), ("192.0.2.1", .invalidArgument),
      ("192.0.3.1", .permissionDenied), ("192.0.4.1", .noRouteToHost),
      ("2001:db8:ffff::1", .networkUnreachable),
    ]
    for (text, reason) in reasons {
      let error = #expect(throws: NetlinkError.self) { try test.socket.route(to: address(text)) }
      #expect(error?.errno == reason, "\(text)")
      #expect(error.map { "\($0)".contains(text) } == true)
    }
  }

  @Test("a lookup names the table in which the route was found, and the way that a rule takes for a source")
  func lookupByRule() throws {
    let test = try TestNamespace()
    let (first, second) = try test.veth()
    try test.socket.addAddress(first.ifindex, prefix("172.22.16.2/24"))
    try test.socket.addAddress(second.ifindex, prefix("172.22.17.2/24"))
    try test.socket.setUp(try test.socket.link(named: "lo").ifindex, true)
    _ = try test.json("ip", "route", "add", "default", "dev", "p1", "table", "99")
    _ = try test.json("ip", "route", "add", "default", "dev", "lo", "table", "98")
    _ = try test.json("ip", "rule", "add", "to", "198.51.100.0/24", "lookup", "99")
    _ = try test.json("ip", "rule", "add", "from", "172.22.16.2", "lookup", "98")
    let names = Agreement.names(try test.socket.links())
    for (target, source, table) in [
      ("198.51.100.7", nil, 99), ("172.22.16.9", nil, 254), ("172.22.16.9", "172.22.16.2", 98),
      ("172.22.16.2", nil, 255),
    ] {
      let route = try test.socket.route(to: address(target), from: source.map(address))
      let words = ["ip", "route", "get", target] + (source.map { ["from", $0] } ?? [])
      let their = try #require(test.json(words).first)
      #expect(route.ifindex == names[their["dev"] as? String ?? ""], "\(target): \(their)")
      #expect(route.table == table, "\(target): \(their)")
      let known = ["254": "main", "255": "local"][String(table)] ?? String(table)
      #expect(known == their["table"] as? String ?? "main", "\(target): \(their)")
    }
  }

  @Test("neighbors are made, read in each state and removed")
  func neighbors() throws {
    let test = try TestNamespace()
    let first = try test.veth().0
    try test.socket.addAddress(first.ifindex, prefix("172.22.16.2/24"))
    let mac = try #require(MACAddress("02:00:00:00:00:99"))
    try test.socket.setNeighbor(first.ifindex, address("172.22.16.1"), mac)
    try test.socket.setNeighbor(first.ifindex, address("2001:db8::1"), mac)
    for (number, state) in ["stale", "reachable", "noarp", "permanent"].enumerated() {
      try test.run(
        "ip", "neigh", "add", "172.22.16.2\(number)", "lladdr", mac.description, "dev", "p0", "nud", state)
    }
    // Nobody has that address: the kernel asks, and gives up.
    _ = try? output(of: ["ip", "netns", "exec", test.name, "ping", "-c1", "-W1", "172.22.16.99"])
    let unanswered = try #require(
      try test.socket.neighbors().first { $0.address.description == "172.22.16.99" })
    #expect(["INCOMPLETE", "FAILED"].contains(unanswered.stateName))
    #expect(unanswered.mac == nil)
    try expectAgreement(test)
    let other = try #require(MACAddress("02:00:00:00:00:98"))
    try test.socket.setNeighbor(first.ifindex, address("172.22.16.1"), other)
    let changed = try test.socket.neighbors().first { $0.address.description == "172.22.16.1" }
    #expect(changed?.mac == other)
    try test.socket.deleteNeighbor(first.ifindex, address("2001:db8::1"))
    try expectAgreement(test)
    let gone = #expect(throws: NetlinkError.self) {
      try test.socket.deleteNeighbor(first.ifindex, address("172.22.16.88"))
    }
    #expect(gone?.errno == .noSuchFileOrDirectory)
  }

  @Test("a parent lists the address of a child that lives elsewhere, as long as that is up")
  func children() throws {
    let host = try TestNamespace()
    let container = try TestNamespace()
    let (first, second) = try host.veth()
    let mac = try #require(MACAddress("02:00:00:00:16:10"))
    try host.socket.createMacvlan(
      LinkSpecification("eth0", mac: mac, namespace: container.namespace), parent: first.ifindex,
      mode: .bridge)
    let child = try container.socket.link(named: "eth0").ifindex
    try container.socket.setUp(child, true)
    let own = try host.socket.forwardingEntries(of: first.ifindex).filter {
      $0.isSelfPermanent && !$0.mac.isMulticast
    }
    #expect(own.map(\.mac) == [mac])
    #expect(try host.socket.forwardingEntries(of: second.ifindex).allSatisfy { $0.ifindex == second.ifindex })
    try expectAgreement(host)
    try container.socket.setUp(child, false)
    #expect(!(try host.socket.forwardingEntries(of: first.ifindex).contains { $0.mac == mac }))
  }

  @Test("a bridge's table is read, with the bridge that it belongs to")
  func bridgeTable() throws {
    let test = try TestNamespace()
    let first = try test.veth().0
    try test.socket.createBridge(LinkSpecification("br0"))
    let bridge = try test.socket.link(named: "br0").ifindex
    try test.socket.setMaster(first.ifindex, bridge)
    try test.run("bridge", "fdb", "add", "02:00:00:00:00:55", "dev", "p0", "master", "static")
    let entry = try #require(
      try test.socket.forwardingEntries().first { $0.mac.description == "02:00:00:00:00:55" })
    #expect(entry.master == bridge)
    #expect(!entry.isSelfPermanent)
    try expectAgreement(test)
  }
}
