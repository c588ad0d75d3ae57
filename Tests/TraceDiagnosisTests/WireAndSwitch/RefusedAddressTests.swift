import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// Which MAC addresses the wire answers, and what that is taken for on different hardware.
@Suite struct RefusedAddressTests {
  /// The child asks 3 in vain, and the parent is answered by it.
  static func refused(_ family: Family = .v4) -> Scenario {
    var scenario = Scenario(over: family)
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 3, at: [Scenario.childOut, Scenario.parentOut])
    scenario.asks(from: 2, mac: Scenario.parentMAC, for: 3, at: [Scenario.parentOut])
    scenario.answers(
      from: 3, mac: Scenario.otherMAC, to: 2, Scenario.parentMAC, second: 3, at: [Scenario.parentIn])
    scenario.segmentIsAlive()
    return scenario
  }

  /// 3 asks for the child so often, a second apart, and is answered each time.
  static func asked(_ times: Int, _ scenario: inout Scenario) {
    asked(in: Array(2..<2 + times), &scenario)
  }

  /// 3 asks for the child, by the address that ends so, in these seconds, and is answered each time.
  static func asked(in seconds: [Int], for child: UInt64 = 10, _ scenario: inout Scenario) {
    for second in seconds {
      scenario.asks(
        from: 3, mac: Scenario.otherMAC, for: child, second: second, times: 1,
        at: [Scenario.parentIn, Scenario.childIn])
      scenario.answers(
        from: child, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, second: second,
        at: [Scenario.childOut, Scenario.parentOut])
    }
  }

  static func hardware(_ driver: String?, _ vendor: String? = nil, _ product: String? = nil)
    -> ParentHardware
  {
    var hardware = ParentHardware()
    hardware.driver = driver
    hardware.machine.vendor = vendor
    hardware.machine.product = product
    return hardware
  }

  private static var wireless: ParentHardware {
    var hardware = ParentHardware()
    hardware.isWireless = true
    return hardware
  }

  private static var virtualFunction: ParentHardware {
    var hardware = Self.hardware("mlx5_core")
    hardware.isVirtualFunction = true
    return hardware
  }

  /// Hardware, what the station is seen to hear, the cause.
  private static let table: [(ParentHardware?, Int?, String)] = [
    (nil, nil, "switch-port-security"), (hardware("e1000e", "Dell Inc."), nil, "switch-port-security"),
    (hardware("e1000e"), 3, "switch-port-security"),
    (hardware("veth", "Amazon EC2"), 3, "switch-port-security"),
    (hardware("e1000e"), 1, "nic-uc-filter-full"), (wireless, nil, "wifi-parent"),
    (wireless, 3, "wifi-parent"),
    (virtualFunction, nil, "vf-untrusted"), (hardware("ixgbevf", "QEMU"), 1, "vf-untrusted"),
    (hardware("vmxnet3"), 1, "vswitch-promisc-reject"), (hardware("vmxnet3"), 3, "vswitch-forged-tx-reject"),
    (hardware("e1000", "VMware, Inc."), nil, "vswitch-promisc-reject"),
    (hardware("e1000", "innotek GmbH", "VirtualBox"), nil, "vswitch-promisc-reject"),
    (hardware("virtio_net", "QEMU"), nil, "vswitch-forged-tx-reject"),
    (hardware("hv_netvsc", "Microsoft Corporation", "Virtual Machine"), 3, "hyperv-mac-spoofing-off"),
    (hardware("ena", "Amazon EC2", "m5.large"), nil, "cloud-mac-filter"),
    (hardware("virtio_net", "OpenStack Foundation", "OpenStack Nova"), nil, "cloud-mac-filter"),
    (hardware("virtio_net", "Google", "Google Compute Engine"), nil, "cloud-mac-filter"),
    (hardware("virtio_net", "Hetzner", "vServer"), nil, "cloud-mac-filter"),
  ]

  @Test(arguments: table.indices, Family.allCases) func theHardwareNamesTheCause(_ row: Int, _ family: Family)
  {
    let (hardware, questions, id) = Self.table[row]
    var scenario = Self.refused(family)
    scenario.observation.hardware = hardware
    if let questions { Self.asked(questions, &scenario) }
    #expect(scenario.ids == [id], "\(scenario.findings)")
    #expect(scenario.findings.allSatisfy { $0.evidence.contains { $0.kind == .trajectory } })
  }

  /// Who hears nothing asks three times, gives up, and is asked to try again: whatever the window shows of that, it is
  /// never taken for one who hears.
  @Test(arguments: [
    ([2, 3, 4], false), ([2, 3, 5], false), ([2, 4, 5], false), ([1, 3, 4], false), ([1], nil),
    ([4, 5], nil),
    ([5, 6], nil), ([6], nil), ([3], true), ([1, 4], true), ([2, 4], true),
  ])
  func whoHearsIsKnownByTheFirstQuestion(_ seconds: [Int], _ isHeard: Bool?) throws {
    var scenario = Self.refused()
    Self.asked(in: seconds, &scenario)
    #expect(
      try WireAnswers(#require(DiagnosisContext(scenario.observation))).refused().map(\.isHeard) == [isHeard])
  }

  /// Whoever hears nothing waits a second before it asks again.
  @Test func whoIsMadeToForgetAsksAgainAtOnce() throws {
    var scenario = Self.refused()
    Self.asked(in: [1, 4], &scenario)
    let again = scenario.observation.sightings.filter { $0.time >= 1_000_000_000 && $0.time < 2_000_000_000 }
      .map { sighting in
        var copy = sighting
        copy.time += 10_000_000
        return copy
      }
    #expect(again.count > 2)
    scenario.observation.sightings = (scenario.observation.sightings + again).sorted { $0.time < $1.time }
    #expect(
      try WireAnswers(#require(DiagnosisContext(scenario.observation))).refused().map(\.isHeard) == [true])
  }

  /// Both addresses are one interface's: a station that hears it for one hears it for the other.
  @Test func whoAsksAgainForOneOfTwoAddressesProvesNothing() throws {
    var scenario = Self.refused()
    Self.asked(in: [1, 4], &scenario)
    for index in scenario.observation.before.interfaces.indices
    where scenario.observation.before.interfaces[index].id == Scenario.childID {
      scenario.observation.before.interfaces[index].addresses.append(
        try #require(IPPrefix("172.22.16.11/24")))
      scenario.observation.after.interfaces[index].addresses.append(
        try #require(IPPrefix("172.22.16.11/24")))
    }
    #expect(
      try WireAnswers(#require(DiagnosisContext(scenario.observation))).refused().map(\.isHeard) == [true])
    // A table that was emptied makes one repetition.
    var emptied = scenario
    Self.asked(in: [2, 3, 5], for: 11, &emptied)
    #expect(
      try WireAnswers(#require(DiagnosisContext(emptied.observation))).refused().map(\.isHeard) == [true])
    Self.asked(in: [2, 3, 4], for: 11, &scenario)
    #expect(
      try WireAnswers(#require(DiagnosisContext(scenario.observation))).refused().map(\.isHeard) == [nil])
  }

  @Test func oneStationThatMayFilterByItselfIsNoProof() {
    var scenario = Self.refused()
    #expect(scenario.confidences == [.likely])
    Self.asked(3, &scenario)
    #expect(scenario.confidences == [.proven])
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  @Test func framesOfAuthenticationTellSingleHostMode() {
    var scenario = Self.refused()
    scenario.observation.counters.append(
      Counter(
        interface: Scenario.parentID, direction: .ingress, source: Scenario.otherMAC,
        destination: MACAddress(rawValue: 0x0180_c200_0003), frames: 2, bytes: 120))
    #expect(scenario.ids == ["dot1x-single-host"])
  }

  /// Where a sibling passes, it is a limit, whatever the switch is.
  @Test func aSiblingThatPassesRulesAPolicyOut() {
    var scenario = Self.refused()
    scenario.addSibling(.bridge)
    scenario.asks(from: 30, mac: Scenario.siblingMAC, for: 3, at: [Scenario.siblingOut, Scenario.parentOut])
    scenario.answers(
      from: 3, mac: Scenario.otherMAC, to: 30, Scenario.siblingMAC, second: 3,
      at: [Scenario.parentIn, Scenario.siblingIn])
    #expect(scenario.ids == ["switch-port-security"])
    scenario.observation.hardware = Self.hardware("vmxnet3")
    #expect(scenario.ids == ["switch-port-security"])
    scenario.observation.hardware = Self.wireless
    #expect(scenario.ids == ["neighbor-unanswered"])
  }

  /// The look-alike: another machine answers the parent, and who is asked may be off.
  @Test(arguments: Family.allCases) func whoAnswersNobodyIsNoSwitch(_ family: Family) {
    var scenario = Scenario(over: family)
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 3, at: [Scenario.childOut, Scenario.parentOut])
    scenario.asks(from: 2, mac: Scenario.parentMAC, for: 99, at: [Scenario.parentOut])
    scenario.answers(
      from: 99, mac: Scenario.otherMAC, to: 2, Scenario.parentMAC, second: 3, at: [Scenario.parentIn])
    scenario.segmentIsAlive()
    scenario.observation.hardware = Self.wireless
    #expect(scenario.ids == ["neighbor-unanswered"])
  }

  /// The look-alike: somebody does send to the child's address.
  @Test func whoIsAnsweredAtAllIsNotRefused() {
    var scenario = Self.refused()
    scenario.observation.counters.append(
      Counter(
        interface: Scenario.parentID, direction: .ingress, source: Scenario.otherMAC,
        destination: Scenario.childMAC, frames: 1, bytes: 60))
    #expect(scenario.ids == ["neighbor-unanswered"])
  }

  /// The look-alike: a peer's firewall. Whom the child knows already it need not ask.
  @Test func whoIsKnownAndSilentMayHaveAFilter() {
    var scenario = Scenario()
    scenario.pings(
      from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, at: [Scenario.childOut, Scenario.parentOut])
    scenario.pings(from: 2, mac: Scenario.parentMAC, to: 3, Scenario.otherMAC, at: [Scenario.parentOut])
    scenario.echoes(
      from: 3, mac: Scenario.otherMAC, to: 2, Scenario.parentMAC, second: 3, at: [Scenario.parentIn])
    scenario.observation.hardware = Self.wireless
    #expect(scenario.ids == ["no-reply-from-wire"])
  }

  /// The look-alike: a station that does not answer strangers to its network (rp_filter).
  @Test func whoAnswersAnotherNetworkMayNotKnowTheChilds() {
    var scenario = Self.refused()
    scenario.change(Scenario.childID) {
      $0.addresses = [IPPrefix("10.9.9.9/24")].compactMap(\.self)
    }
    #expect(!scenario.ids.contains("switch-port-security"))
  }

  @Test func anIpvlanChildHasNoAddressToRefuse() {
    var scenario = Self.refused()
    scenario.change(Scenario.childID) {
      $0.kind = .ipvlan
      $0.mode = .l2
    }
    #expect(!scenario.ids.contains("switch-port-security"))
  }
}
