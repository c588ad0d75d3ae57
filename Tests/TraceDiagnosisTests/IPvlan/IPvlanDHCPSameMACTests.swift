import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct IPvlanDHCPSameMACTests {
  static func leasing(heard: Bool = false, answered: Bool = true) -> Scenario {
    var scenario = IPvlanTests.ipvlan(.l2)
    scenario.change(Scenario.childID) { $0.addresses = [] }
    scenario.dhcp(from: 68, mac: Scenario.parentMAC, at: [Scenario.childOut, Scenario.parentOut])
    if answered {
      scenario.dhcp(
        from: 67, mac: Scenario.otherMAC, at: [Scenario.parentIn] + (heard ? [Scenario.childIn] : []))
    }
    return scenario
  }

  @Test func anAddressThatNeverComes() {
    #expect(Self.leasing().ids == ["ipvlan-dhcp-same-mac"] && Self.leasing().confidences == [.proven])
    #expect(Self.leasing(heard: true).confidences == [.likely])
    #expect(Self.leasing(answered: false).ids.isEmpty, "no server is another matter")
    var given = Self.leasing()
    given.change(Scenario.childID) { $0.addresses = [IPPrefix(host: Family.v4.address(10))] }
    #expect(given.ids.isEmpty)
  }
}

extension Scenario {
  /// DHCP messages as broadcasts.
  mutating func dhcp(from port: UInt16, mac: MACAddress, at hooks: [Hook]) {
    sees(
      .ip(
        IPFields(
          source: .v4(0), destination: .v4(0xffff_ffff), protocol: 17, ttl: 64,
          transport: .udp(sourcePort: port, destinationPort: port == 68 ? 67 : 68))), mac, .broadcast,
      seconds: 1...3, delay: port == 68 ? 0 : 5000, at: hooks)
  }
}
