import Foundation
import NetworkAddresses
import Testing
import TraceModel

/// Compares a topology with what iproute2 prints of the same kernel, namespace by namespace.
enum Oracle {
  /// Scans and compares until nothing changed in between: the kernel changes carrier and IPv6 addresses itself.
  static func expectAgreement(_ host: TestNamespace, parent: String, _ others: [TestNamespace]) throws {
    for _ in 0..<50 {
      let before = try ([host] + others).map { try Printed($0) }
      let topology = try host.scan(parent)
      guard try ([host] + others).map({ try Printed($0) }) == before else { continue }
      let lower = try #require(before[0].links.first { $0["ifname"] as? String == parent })
      var count = 0
      for (namespace, printed) in zip([host] + others, before) {
        count += try expectLinks(topology, namespace, printed, host: host, lower)
        if namespace === host || topology.namespace(namespace.inode) != nil {
          try expectState(topology, namespace, printed)
        }
      }
      #expect(topology.interfaces.count == count)
      return
    }
    Issue.record("the namespaces never stood still")
  }

  /// What iproute2 prints of one namespace, but for counters.
  private struct Printed: Equatable {
    let links, addresses, routes, neighbors: [[String: Any]]

    init(_ namespace: TestNamespace) throws {
      // Without a bridge's timers, which never stand still.
      links = try namespace.json("ip", "-d", "link").map { link in
        var link = link
        var information = link["linkinfo"] as? [String: Any] ?? [:]
        information["info_slave_data"] = nil
        if information["info_kind"] as? String == "bridge" { information["info_data"] = nil }
        link["linkinfo"] = information
        return link
      }
      addresses = try namespace.json("ip", "address")
      let routes = try namespace.json("ip", "-4", "route", "show", "table", "all")
      self.routes = routes + (try namespace.json("ip", "-6", "route", "show", "table", "all"))
      neighbors = try namespace.json("ip", "neigh")
    }

    private var all: [NSArray] { [links, addresses, routes, neighbors].map { $0 as NSArray } }
    static func == (left: Printed, right: Printed) -> Bool { left.all == right.all }
  }

  /// Compares what sits on the parent and the parent itself; returns how many links that are.
  private static func expectLinks(
    _ topology: Topology, _ namespace: TestNamespace, _ printed: Printed, host: TestNamespace,
    _ lower: [String: Any]
  ) throws -> Int {
    let lowerIndex = try #require(lower["ifindex"] as? Int)
    let ids = try namespace.json("ip", "netns", "list-id")
    let hostID = ids.first { $0["name"] as? String == host.name }?["nsid"] as? Int
    var count = 0
    for link in printed.links {
      let information = link["linkinfo"] as? [String: Any]
      let kind = information?["info_kind"] as? String
      let isParent = namespace === host && link["ifindex"] as? Int == lowerIndex
      let sits =
        namespace === host
        ? link["link"] as? String == lower["ifname"] as? String && kind != "veth"
        : hostID != nil && link["link_netnsid"] as? Int == hostID && link["link_index"] as? Int == lowerIndex
          && kind != "veth"
      let ifindex = UInt32(try #require(link["ifindex"] as? Int))
      let ours = topology.interface(InterfaceID(namespace: namespace.inode, ifindex: ifindex))
      #expect((ours != nil) == (isParent || sits), "\(link["ifname"] ?? "?") in \(namespace.name)")
      guard let ours else { continue }
      count += 1
      #expect(ours.kind.rawValue == (isParent ? "parent" : kind))
      #expect(ours.linkKind == kind ?? "")
      #expect(ours.name == link["ifname"] as? String)
      #expect(ours.namespace == (namespace === host ? "host" : namespace.name))
      #expect(ours.mac?.description == link["address"] as? String)
      #expect(ours.mtu == link["mtu"] as? Int)
      #expect(ours.promiscuity == link["promiscuity"] as? Int)
      let flags = try #require(link["flags"] as? [String])
      #expect(ours.up == flags.contains("UP"))
      #expect(ours.promiscuous == flags.contains("PROMISC"))
      if ours.up { #expect(ours.carrier == flags.contains("LOWER_UP")) }
      #expect(ours.parent == (isParent ? nil : topology.parent))
      let data = information?["info_data"] as? [String: Any] ?? [:]
      #expect(ours.mode?.rawValue == data["mode"] as? String)
      #expect(ours.allowedSources.map(\.description) == data["macaddr_data"] as? [String] ?? [])
      let master = printed.links.first { $0["ifname"] as? String == link["master"] as? String }
      #expect(ours.master.map { Int($0.ifindex) } == master?["ifindex"] as? Int)
      let addresses = printed.addresses.first { $0["ifindex"] as? Int == Int(ifindex) }?["addr_info"]
      let texts = (addresses as? [[String: Any]] ?? []).map {
        "\($0["local"] ?? "")/\($0["prefixlen"] ?? "")"
      }
      #expect(ours.addresses.map(\.description) == texts)
    }
    return count
  }

  private static func expectState(_ topology: Topology, _ namespace: TestNamespace, _ printed: Printed) throws
  {
    let state = try #require(topology.namespace(namespace.inode))
    #expect(state.netnsName == namespace.name)
    let names = Dictionary(
      uniqueKeysWithValues: printed.links.map { (UInt32($0["ifindex"] as? Int ?? 0), $0["ifname"] ?? "") })
    let routes = state.routes.compactMap { route in
      route.interface.map {
        let destination =
          route.destination.length == 0 ? "default" : unlengthened(route.destination.description)
        return "\(destination) via \(route.gateway?.description ?? "-") dev \(names[$0.ifindex] ?? "?") "
          + "\(route.type) \(route.preferredSource?.description ?? "-") \(route.metric)"
      }
    }
    let theirs = printed.routes.filter { $0["dev"] != nil }.map { route in
      "\(unlengthened(route["dst"] as? String ?? "")) via \(route["gateway"] ?? "-") dev \(route["dev"] ?? "") "
        + "\(route["type"] ?? "unicast") \(route["prefsrc"] ?? "-") \(route["metric"] ?? 0)"
    }
    #expect(routes.sorted() == theirs.sorted())
    let neighbors = state.neighbors.map {
      "\($0.address) \(names[$0.interface.ifindex] ?? "?") \($0.mac?.description ?? "-") \($0.state)"
    }
    let theirNeighbors = printed.neighbors.map {
      "\($0["dst"] ?? "") \($0["dev"] ?? "") \($0["lladdr"] ?? "-") "
        + ($0["state"] as? [String] ?? []).joined().lowercased()
    }
    #expect(neighbors.sorted() == theirNeighbors.sorted())
    let addresses = printed.addresses.flatMap { $0["addr_info"] as? [[String: Any]] ?? [] }
    #expect(
      state.localAddresses.map(\.description).sorted()
        == addresses.compactMap { $0["local"] as? String }.sorted())
    for (path, value) in state.sysctls {
      let text = try output(of: ["ip", "netns", "exec", namespace.name, "cat", "/proc/sys/net/\(path)"])
      #expect(value == String(decoding: text, as: UTF8.self).split(separator: "\n").first.map(String.init))
    }
    #expect(state.sysctls["ipv4/ip_forward"] != nil)
  }

  /// iproute2 writes no length where there is but one address.
  private static func unlengthened(_ prefix: String) -> String {
    let isHost = prefix.hasSuffix(prefix.contains(":") ? "/128" : "/32")
    return isHost ? String(prefix.prefix { $0 != "/" }) : prefix
  }
}
