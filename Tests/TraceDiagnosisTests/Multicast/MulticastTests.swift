import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct MulticastNotJoinedTests {
  static let group = IPAddress.v4(0xef01_0203)

  /// Somebody sends to the group; a program in the child's namespace waits at an address.
  static func waiting(
    at address: IPAddress?, joined: [InterfaceID] = [], heard: [Hook] = [Scenario.parentIn],
    port: UInt16 = 5000
  ) -> Scenario {
    var scenario = Scenario()
    scenario.datagrams(from: 3, mac: Scenario.otherMAC, to: group, port: 5000, at: heard)
    scenario.state(of: Scenario.childID.namespace) { state in
      state.listeners = address.map { [Listener(.udp, $0, port)] } ?? []
      state.groups = joined.compactMap { id in
        group.groupMAC.map { GroupMembership(interface: id, mac: $0) }
      }
    }
    return scenario
  }

  @Test func aProgramThatNamesTheGroupIsProven() {
    let scenario = Self.waiting(at: Self.group)
    #expect(scenario.ids == ["mcast-not-joined"] && scenario.confidences == [.proven])
    #expect(
      scenario.findings[0].fixes[0].commands == [
        "ip netns exec bbox1 ip address add 239.1.2.3/32 dev eth0 autojoin"
      ])
  }

  @Test func joinedOnAnotherInterfaceIsProven() {
    let scenario = Self.waiting(at: .v4(0), joined: [Scenario.unobserved])
    #expect(scenario.ids == ["mcast-not-joined"] && scenario.confidences == [.proven])
  }

  /// A port alone says little: it is no more than a note.
  @Test func aProgramAtThatPortIsANote() {
    let scenario = Self.waiting(at: .v4(0))
    #expect(scenario.findings.map(\.severity) == [.info] && scenario.confidences == [.possible])
  }

  /// The look-alikes: nobody waits, another port, a child that is a member or hears it all the same, nothing that came in
  /// (the switch keeps it back).
  @Test func healthyOnesAreSilent() {
    #expect(Self.waiting(at: nil).ids.isEmpty)
    #expect(Self.waiting(at: .v4(0), port: 5001).ids.isEmpty)
    #expect(Self.waiting(at: Self.group, joined: [Scenario.childID]).ids.isEmpty)
    #expect(Self.waiting(at: Self.group, heard: [Scenario.parentIn, Scenario.childIn]).ids.isEmpty)
    #expect(Self.waiting(at: Self.group, heard: []).ids.isEmpty)
  }
}

@Suite struct OwnSourceMACMulticastTests {
  static let virtual = MACAddress(rawValue: 0x0000_5e00_0133)
  static let vrrp = MACAddress(rawValue: 0x0100_5e00_0012)

  static func stoodIn(_ mode: ChildMode, mac: MACAddress = virtual) -> Scenario {
    var scenario = Scenario(mode: mode)
    scenario.change(Scenario.childID) { $0.mac = mac }
    scenario.counts(9, at: Scenario.parentIn, from: mac, to: vrrp)
    return scenario
  }

  @Test(arguments: [ChildMode.bridge, .vepa]) func isProven(_ mode: ChildMode) {
    var scenario = Self.stoodIn(mode)
    #expect(scenario.ids == ["own-source-mac-multicast"] && scenario.confidences == [.proven])
    scenario.hideChild()
    scenario.change(InterfaceID(namespace: 0, ifindex: 3)) { $0.up = true }
    #expect(scenario.confidences == [.likely])
  }

  /// The look-alikes: private mode, a child that hears them, what a switch returned, an address that is nobody's but the
  /// child's, a group that it did not join.
  @Test func otherOnesAreSilent() {
    #expect(Self.stoodIn(.private).ids.isEmpty)
    var heard = Self.stoodIn(.bridge)
    heard.counts(9, at: Scenario.childIn, from: Self.virtual, to: Self.vrrp)
    #expect(heard.ids.isEmpty)
    var returned = Self.stoodIn(.bridge)
    returned.counts(9, at: Scenario.parentOut, from: Self.virtual, to: Self.vrrp)
    #expect(returned.ids.isEmpty)
    #expect(Self.stoodIn(.bridge, mac: Scenario.childMAC).ids.isEmpty)
    var unwanted = Self.stoodIn(.bridge)
    unwanted.state(of: Scenario.childID.namespace) { $0.groups = [] }
    #expect(unwanted.ids.isEmpty)
  }
}
