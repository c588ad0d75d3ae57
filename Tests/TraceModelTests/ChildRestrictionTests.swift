import NetworkAddresses
import Testing
import TraceModel

@Suite("What cannot sit on an interface") struct ChildRestrictionTests {
  private static let parent = InterfaceID(namespace: 1, ifindex: 7)

  private static func topology(_ handler: ReceiveHandler?, mode: ChildMode? = nil) -> Topology {
    var top = Interface(id: parent, name: "ens33", namespace: "host", kind: .parent)
    top.receiveHandler = handler
    var interfaces = [top]
    if let mode {
      let id = InterfaceID(namespace: 2, ifindex: 3)
      var child = Interface(id: id, name: "eth0", namespace: "c", kind: .macvlan)
      child.parent = parent
      child.mode = mode
      interfaces.append(child)
    }
    return Topology(parent: parent, interfaces: interfaces, namespaces: [])
  }

  @Test("a bridge's port says who owns it, the errno, and what to use instead")
  func bridge() {
    let restrictions = Self.topology(ReceiveHandler(kind: "bridge", name: "br0")).childRestrictions
    #expect(
      restrictions.map(\.text) == [
        "ens33 is a port of bridge br0, which owns its receive handler: no macvlan or ipvlan child can sit on it (EBUSY, "
          + "errno 16); use br0 as the parent"
      ])
    #expect(restrictions.allSatisfy { $0.forbidsMacvlan })
  }

  @Test("what is stacked on it is no master, and an owner without a name or a kind is said as that")
  func others() {
    let texts = [
      ReceiveHandler(kind: "macsec", name: "ms0"), ReceiveHandler(kind: "openvswitch", name: "ovs-system"),
      ReceiveHandler(kind: "unknown"),
    ].compactMap { Self.topology($0).childRestrictions.first?.text }
    #expect(
      texts[0].hasPrefix("macsec ms0 sits on ens33 and owns") && texts[0].hasSuffix("use ms0 as the parent"))
    #expect(texts[1].hasSuffix("use an internal port of the switch as the parent"))
    #expect(
      texts[2].hasPrefix("ens33 is a port of another device, which owns") && texts[2].hasSuffix("errno 16)"))
  }

  @Test("children keep off those of the other kind, and a passthru child every other")
  func children() throws {
    #expect(Self.topology(nil).childRestrictions.isEmpty)
    let ipvlan = try #require(Self.topology(ReceiveHandler(kind: "ipvlan")).childRestrictions.first)
    #expect(ipvlan.forbidsMacvlan && ipvlan.text.contains("no macvlan child"))
    let macvlan = try #require(
      Self.topology(ReceiveHandler(kind: "macvlan"), mode: .bridge).childRestrictions.first)
    #expect(!macvlan.forbidsMacvlan && macvlan.text.contains("no ipvlan child"))
    let passthru = try #require(
      Self.topology(ReceiveHandler(kind: "macvlan"), mode: .passthru).childRestrictions.first)
    #expect(passthru.forbidsMacvlan && passthru.text.contains("(EINVAL, errno 22)"))
  }
}
