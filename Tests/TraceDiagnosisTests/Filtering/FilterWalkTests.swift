import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// Which rule it was, of a packet that some rule dropped.
@Suite struct FilterWalkTests {
  static let tcp = FilterCondition.compare(.transportProtocol, mask: nil, .equal, value: [6])

  static func port(_ port: UInt16) -> FilterCondition {
    .compare(
      .payload(base: 2, offset: 2, length: 2), mask: nil, .equal,
      value: [UInt8(port >> 8), UInt8(port & 0xff)])
  }

  static func rule(
    _ handle: UInt64, _ conditions: [FilterCondition], _ action: FilterAction, packets: UInt64? = nil
  ) -> FilterRule {
    var rule = FilterRule(handle: handle)
    rule.conditions = conditions
    rule.action = action
    rule.packets = packets
    return rule
  }

  static func chain(
    _ name: String, _ rules: [FilterRule], hook: FilterHook? = .input, drops: Bool = false,
    family: FilterFamily = .inet
  ) -> FilterChain {
    var chain = FilterChain(family: family, table: "filter", name: name, hook: hook)
    chain.rules = rules
    chain.dropsByPolicy = drops
    return chain
  }

  static func filters(_ chains: FilterChain...) -> PacketFilters {
    var filters = PacketFilters()
    filters.chains = chains
    return filters
  }

  static func packet(port: UInt16 = 80, state: UInt32? = 8) -> FilterPacket {
    let frame = Frame(
      source: Scenario.otherMAC, destination: Scenario.childMAC, etherType: 0x0800,
      network: .ip(
        IPFields(
          source: Family.v4.address(3), destination: Family.v4.address(10), protocol: 6, ttl: 64,
          transport: .tcp(sourcePort: 40000, destinationPort: port, flags: 2, sequence: 1, acknowledgment: 0))
      ))
    return FilterPacket(frame, input: nil, output: nil, state: state)
  }

  static func culprit(_ filters: PacketFilters, before: PacketFilters? = nil, port: UInt16 = 80)
    -> FilterCulprit?
  {
    FilterWalk.culprit(of: packet(port: port), at: [.prerouting, .input], filters, before: before)
  }

  @Test func theRuleWhoseConditionsHold() {
    let filters = Self.filters(
      Self.chain(
        "input",
        [Self.rule(1, [Self.tcp, Self.port(22)], .drop), Self.rule(2, [Self.tcp, Self.port(80)], .drop)]))
    #expect(Self.culprit(filters)?.rule?.handle == 2)
    #expect(Self.culprit(filters)?.certainty == .certain)
    #expect(Self.culprit(filters, port: 443) == nil)
  }

  @Test func thePolicyWhereNoRuleDecides() {
    let established = FilterCondition.compare(
      .connectionState, mask: [6, 0, 0, 0], .notEqual, value: [0, 0, 0, 0])
    let filters = Self.filters(Self.chain("input", [Self.rule(1, [established], .accept)], drops: true))
    let culprit = Self.culprit(filters)
    #expect(culprit?.rule == nil && culprit?.chain.name == "input" && culprit?.certainty == .certain)
  }

  /// What it cannot compare is told by the counters, and a counter that stands still rules out.
  @Test func theRuleWhoseCounterRose() {
    let opaque = FilterCondition.opaque("tcp")
    let before = Self.filters(
      Self.chain(
        "INPUT", [Self.rule(1, [opaque], .drop, packets: 5), Self.rule(2, [opaque], .drop, packets: 7)]))
    let after = Self.filters(
      Self.chain(
        "INPUT", [Self.rule(1, [opaque], .drop, packets: 5), Self.rule(2, [opaque], .drop, packets: 9)]))
    let culprit = Self.culprit(after, before: before)
    #expect(culprit?.rule?.handle == 2 && culprit?.counted == 2 && culprit?.certainty == .counted)
  }

  @Test func inAChainThatIsJumpedTo() {
    let filters = Self.filters(
      Self.chain("input", [Self.rule(1, [Self.tcp], .jump("web")), Self.rule(9, [], .drop)]),
      Self.chain("web", [Self.rule(2, [Self.port(80)], .reject)], hook: nil))
    #expect(Self.culprit(filters)?.rule?.handle == 2)
    #expect(Self.culprit(filters, port: 22)?.rule?.handle == 9)
  }

  @Test func chainsThatJumpInACircleEnd() {
    let filters = Self.filters(
      Self.chain("input", [Self.rule(1, [], .jump("input"))], drops: true))
    #expect(Self.culprit(filters)?.rule == nil)
  }

  /// Another family's chains do not see the packet.
  @Test func chainsOfAnotherFamilyAreNotMeant() {
    let filters = Self.filters(Self.chain("input", [], drops: true, family: .ip6))
    #expect(Self.culprit(filters) == nil)
  }
}
