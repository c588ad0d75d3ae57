import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct AddressOwnershipTests {
  private static let proxyMAC = Scenario.mac(0x77)

  /// bbox1 asks for several addresses, of which 3 has an owner that answers, too.
  private static func scenario(proxied: [UInt64]) -> Scenario {
    var scenario = Scenario()
    scenario.asks(
      from: 10, mac: Scenario.childMAC, for: 3, times: 1, at: [Scenario.childOut, Scenario.parentOut])
    scenario.answers(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, second: 1,
      at: [Scenario.parentIn, Scenario.childIn])
    for address in proxied {
      scenario.answers(
        from: address, mac: proxyMAC, to: 10, Scenario.childMAC, second: 1,
        at: [Scenario.parentIn, Scenario.childIn])
    }
    return scenario
  }

  @Test func whoAnswersForManyIsAProxy() {
    let scenario = Self.scenario(proxied: [3, 21, 22])
    #expect(scenario.ids == ["proxy-arp-hijack"] && scenario.confidences == [.proven])
  }

  @Test func whoAnswersForOneIsADuplicate() {
    #expect(Self.scenario(proxied: [3]).ids == ["dup-ip"])
  }

  @Test func whoAnswersForWhatNobodyElseHasIsARouter() {
    #expect(Self.scenario(proxied: [21, 22, 23]).ids == [])
  }

  /// bbox1 pings an address that somebody with several answered for, and nothing comes back.
  private static func silent() -> Scenario {
    var scenario = Self.scenario(proxied: [21, 22, 23])
    scenario.pings(
      from: 10, mac: Scenario.childMAC, to: 21, proxyMAC, at: [Scenario.childOut, Scenario.parentOut])
    return scenario
  }

  @Test func aRouterThatAnswersForWhatDiesThereIsLikelyAProxy() throws {
    let (everywhere, gateway) = (try #require(IPPrefix("0.0.0.0/0")), Family.v4.address(1))
    var scenario = Self.silent()
    scenario.change(namespace: 2) {
      $0.routes.append(RouteEntry(destination: everywhere, gateway: gateway, interface: Scenario.childID))
      $0.neighbors.append(
        NeighborEntry(interface: Scenario.childID, address: gateway, mac: Self.proxyMAC, state: .reachable))
    }
    #expect(scenario.ids == ["proxy-arp-hijack"] && scenario.confidences == [.likely])
  }

  @Test func aMachineOfSeveralAddressesIsNone() {
    #expect(Self.silent().ids == ["no-reply-from-wire"])
  }

  /// A DHCP server gives the address that ends so to somebody.
  private static func leased(_ last: UInt32, to client: MACAddress) -> Scenario {
    var scenario = Scenario()
    scenario.packets(
      IPFields(
        source: Family.v4.address(1), destination: .v4(.max), protocol: 17, ttl: 64,
        transport: .udp(
          sourcePort: 67, destinationPort: 68, lease: AddressLease(number: 0xac16_1000 + last, client: client)
        )),
      mac: Scenario.otherMAC, to: .broadcast, at: [Scenario.parentIn])
    return scenario
  }

  @Test func aChildsAddressThatIsHandedOutIsFound() {
    #expect(Self.leased(10, to: Self.proxyMAC).ids == ["ip-overlaps-dhcp"])
  }

  @Test func aChildsOwnLeaseAndOthersAreNone() {
    #expect(Self.leased(10, to: Scenario.childMAC).ids == [])
    #expect(Self.leased(77, to: Self.proxyMAC).ids == [])
  }

  /// Somebody on the wire asks for bbox1's IPv6 address, and the group is joined or not.
  private static func solicited(joined: Bool, heard: Bool) -> Scenario {
    var scenario = Scenario(over: .v6)
    scenario.asks(
      from: 3, mac: Scenario.otherMAC, for: 10, at: [Scenario.parentIn] + (heard ? [Scenario.childIn] : []))
    scenario.state(of: 2) {
      $0.groups = joined ? [GroupMembership(interface: Scenario.childID, mac: .broadcast)] : []
    }
    return scenario
  }

  @Test func aGroupThatNobodyJoinedIsFound() {
    let scenario = Self.solicited(joined: false, heard: false)
    #expect(scenario.ids == ["ipv6-nd-multicast-lost"] && scenario.confidences == [.proven])
  }

  @Test func aSolicitationThatIsHeardIsAnotherCause() {
    #expect(!Self.solicited(joined: false, heard: true).ids.contains("ipv6-nd-multicast-lost"))
    #expect(!Self.solicited(joined: true, heard: false).ids.contains("ipv6-nd-multicast-lost"))
  }
}
