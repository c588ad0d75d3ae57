import Foundation
import Netlink
import NetworkAddresses
import Testing

/// Compares values of this library with what iproute2 prints as JSON of the same kernel's answers.
enum Agreement {
  typealias JSON = [[String: Any]]

  /// With `ip -j -d link`.
  static func expect(_ ours: [Link], _ theirs: JSON) throws {
    #expect(ours.count == theirs.count)
    for their in theirs {
      let index = try #require(their["ifindex"] as? Int)
      let our = try #require(ours.first { $0.ifindex == UInt32(index) })
      #expect(our.name == their["ifname"] as? String)
      #expect(our.mac?.description == their["address"] as? String)
      #expect(Int(our.mtu) == their["mtu"] as? Int)
      #expect(our.operationalStateName == their["operstate"] as? String)
      #expect(Int(our.promiscuity) == their["promiscuity"] as? Int)
      let flags = try #require(their["flags"] as? [String])
      #expect(our.isUp == flags.contains("UP"))
      #expect(our.isPromiscuous == flags.contains("PROMISC"))
      #expect(our.isLoopback == flags.contains("LOOPBACK"))
      // iproute2 derives NO-CARRIER: up and not running.
      #expect((our.isUp && !our.isRunning) == flags.contains("NO-CARRIER"))
      // It names the interface below where that is in the same namespace.
      let lower = theirs.first { $0["ifname"] as? String == their["link"] as? String }
      let link = their["link_index"] as? Int ?? lower?["ifindex"] as? Int
      #expect(our.link.map { Int($0) } == link)
      #expect(our.linkNamespaceID.map { Int($0) } == their["link_netnsid"] as? Int)
      let master = theirs.first { $0["ifname"] as? String == their["master"] as? String }
      #expect(our.master.map { Int($0) } == master?["ifindex"] as? Int)
      try expectKind(our, their["linkinfo"] as? [String: Any] ?? [:])
    }
  }

  private static func expectKind(_ our: Link, _ information: [String: Any]) throws {
    #expect(our.kind == information["info_kind"] as? String ?? "")
    #expect(our.masterKind == information["info_slave_kind"] as? String)
    let port = our.masterKind == "bridge" ? information["info_slave_data"] as? [String: Any] : nil
    #expect(our.bridgePort?.isHairpin == port?["hairpin"] as? Bool)
    let states = ["disabled", "listening", "learning", "forwarding", "blocking"]
    #expect(our.bridgePort.map { states[Int($0.state)] } == port?["state"] as? String)
    let data = information["info_data"] as? [String: Any] ?? [:]
    switch our.kind {
    case "macvlan", "macvtap": try expectMacvlan(our, data)
    case "ipvlan":
      let modes: [UInt16: String] = [0: "l2", 1: "l3", 2: "l3s"]
      #expect(our.ipvlanMode.flatMap { modes[$0] } == data["mode"] as? String)
      let flags: [UInt16: String] = [0: "bridge", 1: "private", 2: "vepa"]
      #expect(flags.first { data[$0.value] != nil }?.key == our.ipvlanFlags)
    case "vlan":
      #expect(our.vlanID.map { Int($0.rawValue) } == data["id"] as? Int)
      let protocols: [UInt16: String] = [0x8100: "802.1Q", 0x88a8: "802.1ad"]
      #expect(our.vlanProtocol.flatMap { protocols[$0] } == data["protocol"] as? String)
      let flags = data["flags"] as? [String] ?? []
      let names: [(UInt32, String)] = [(1, "REORDER_HDR"), (2, "GVRP"), (4, "LOOSE_BINDING"), (8, "MVRP")]
      for (bit, name) in names { #expect(((our.vlanFlags ?? 0) & bit != 0) == flags.contains(name)) }
    case "bridge":
      #expect(our.bridgeFiltersVLANs.map { $0 ? 1 : 0 } == data["vlan_filtering"] as? Int)
    default: break
    }
    #expect((our.macvlanMode != nil) == (our.kind == "macvlan" || our.kind == "macvtap"))
  }

  private static func expectMacvlan(_ our: Link, _ data: [String: Any]) throws {
    #expect(our.macvlanMode.flatMap(MacvlanMode.init).map { "\($0)" } == data["mode"] as? String)
    #expect(Set(our.macvlanSources.map(\.description)) == Set(data["macaddr_data"] as? [String] ?? []))
    #expect(our.broadcastQueueLength.map { Int($0) } == data["bcqueuelen"] as? Int)
    #expect(our.usedBroadcastQueueLength.map { Int($0) } == data["usedbcqueuelen"] as? Int)
    #expect((our.macvlanFlags & 0x2 != 0) == (data["nodst"] as? Bool ?? false))
    // iproute2 knows the cutoff from 6.4 on.
    if let cutoff = data["bclim"] as? Int { #expect(our.broadcastCutoff.map { Int($0) } == cutoff) }
  }

  /// With `bridge -j vlan`.
  static func expect(_ ours: [UInt32: [BridgeVLAN]], _ theirs: JSON, names: [String: UInt32]) throws {
    #expect(ours.count == theirs.count)
    for their in theirs {
      let index = try #require(names[their["ifname"] as? String ?? ""])
      let vlans = try #require(their["vlans"] as? JSON).map { vlan -> String in
        "\(vlan["vlan"] as? Int ?? 0) \((vlan["flags"] as? [String] ?? []).sorted())"
      }
      let own = (ours[index] ?? []).map { vlan in
        let flags = (vlan.isUntagged ? ["Egress Untagged"] : []) + (vlan.isPVID ? ["PVID"] : [])
        return "\(vlan.id) \(flags.sorted())"
      }
      #expect(own.sorted() == vlans.sorted())
    }
  }

  /// With `ip -j addr`.
  static func expect(_ ours: [Address], _ theirs: JSON) throws {
    var count = 0
    for link in theirs {
      for their in try #require(link["addr_info"] as? JSON) {
        count += 1
        let local = try #require(their["local"] as? String)
        let length = try #require(their["prefixlen"] as? Int)
        let our = try #require(
          ours.first {
            $0.prefix.description == "\(local)/\(length)" && Int($0.ifindex) == link["ifindex"] as? Int
          })
        #expect(our.peer?.description == their["address"] as? String)
        #expect([0: "global", 253: "link", 254: "host"][our.scope] == their["scope"] as? String)
        #expect(our.isTentative == (their["tentative"] as? Bool ?? false))
        #expect(our.isSecondary == (their["secondary"] as? Bool ?? false))
        #expect(our.isDuplicate == (their["dadfailed"] as? Bool ?? false))
      }
    }
    #expect(ours.count == count)
  }

  /// With `ip -j route show table all`, whose interfaces have the names that `names` gives numbers.
  static func expect(_ ours: [Route], _ theirs: JSON, names: [String: UInt32]) throws {
    var rest = ours
    for their in theirs {
      let index = rest.firstIndex { (try? matches($0, their, names)) == true }
      #expect(index != nil, "no route like \(their)")
      if let index { rest.remove(at: index) }
    }
    #expect(rest.isEmpty, "routes that iproute2 does not print")
  }

  private static func matches(_ our: Route, _ their: [String: Any], _ names: [String: UInt32]) throws -> Bool
  {
    let any = our.destination.address.isIPv4 ? "0.0.0.0/0" : "::/0"
    let text = try #require(their["dst"] as? String)
    let destination = IPPrefix(text == "default" ? any : text)
    let via = their["via"] as? [String: Any]
    let hops = try (their["nexthops"] as? JSON ?? []).map { hop in
      let ifindex = try #require(names[hop["dev"] as? String ?? ""])
      return "\(hop["gateway"] as? String ?? "") \(ifindex) \(try #require(hop["weight"] as? Int))"
    }
    let tables = ["main": 254, "local": 255, "default": 253]
    let table = their["table"] as? String ?? "main"
    let protocols = ["kernel": 2, "boot": 3, "static": 4, "ra": 9]
    return our.destination == destination && our.typeName == their["type"] as? String ?? "unicast"
      && our.gateway?.description == (their["gateway"] as? String ?? via?["host"] as? String)
      && (our.ifindex == names[their["dev"] as? String ?? ""] || isNowhere(our))
      && our.nextHops.map { "\($0.gateway?.description ?? "") \($0.ifindex) \($0.weight)" } == hops
      && our.preferredSource?.description == their["prefsrc"] as? String
      && Int(our.metric) == their["metric"] as? Int ?? 0 && Int(our.table) == tables[table] ?? Int(table)
      && Int(our.protocol) == protocols[their["protocol"] as? String ?? "boot"]
  }

  /// IPv6 has its blackholes lead to the loopback, which iproute2 prints, too.
  private static func isNowhere(_ route: Route) -> Bool {
    ["blackhole", "unreachable", "prohibit"].contains(route.typeName) && route.ifindex == 1
  }

  /// With `ip -j neigh`.
  static func expect(_ ours: [Neighbor], _ theirs: JSON, names: [String: UInt32]) throws {
    // What needs no neighbor entry, such as a multicast group's, iproute2 leaves out.
    let shown = ours.filter { $0.state != 0x40 }
    #expect(shown.count == theirs.count)
    for their in theirs {
      let address = try #require(their["dst"] as? String)
      let device = try #require(their["dev"] as? String)
      let our = try #require(
        shown.first { $0.address.description == address && $0.ifindex == names[device] })
      #expect(our.mac?.description == their["lladdr"] as? String)
      #expect([our.stateName] == their["state"] as? [String])
      #expect((our.flags & 0x80 != 0) == their.keys.contains("router"))
    }
  }

  /// With `bridge -j fdb`.
  static func expect(_ ours: [ForwardingEntry], _ theirs: JSON, names: [String: UInt32]) throws {
    var rest = ours
    for their in theirs {
      let flags = try #require(their["flags"] as? [String])
      let index = rest.firstIndex { our in
        our.mac.description == their["mac"] as? String
          && our.ifindex == names[their["ifname"] as? String ?? ""]
          && our.isSelfPermanent == (flags.contains("self") && their["state"] as? String == "permanent")
          && our.master == names[their["master"] as? String ?? ""]
          && our.vlanID.map({ Int($0.rawValue) }) == their["vlan"] as? Int
      }
      #expect(index != nil, "no entry like \(their)")
      if let index { rest.remove(at: index) }
    }
    #expect(rest.isEmpty, "entries that bridge does not print")
  }

  /// Numbers of the interfaces by their names.
  static func names(_ links: [Link]) -> [String: UInt32] {
    Dictionary(links.map { ($0.name, $0.ifindex) }) { first, _ in first }
  }
}
