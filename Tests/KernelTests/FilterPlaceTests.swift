import BPF
import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import PacketKit
import TestSupport
import Testing
import TraceCapture
import TraceDiscovery
import TraceLab
import TraceModel

/// Where a filter of ours finds its place among others', and what it says where there is none. All of it is about clsact:
/// TCX links come before every filter.
@Suite(.serialized) struct FilterPlaceTests {
  /// Filters of other kinds than bpf, each of which takes everything.
  private static let kinds = ["u32 match u32 0 0 flowid 1:1", "matchall action ok", "flower action ok"]

  /// Ends the test where the kernel has no filters of that kind.
  private static func require(_ kind: String) throws {
    let command = "tc qdisc add dev p0 clsact && tc filter add dev p0 ingress protocol ip prio 1 \(kind)"
    try Feature("\(kind.split(separator: " ")[0]) filters", commands: command).require()
  }

  /// Counts 1000 frames of IPv4 and 1000 of another protocol that come in at the parent.
  private static func observe(
    _ lab: Lab, _ mechanism: HookMechanism?, _ body: @escaping @Sendable () throws -> Void = {}
  ) throws -> (observation: Observation, other: UInt64, ip: UInt64) {
    try CountingTests.silence(lab)
    let parent = try #require(
      try lab.namespace("docker01").run { try NetlinkSocket().link(named: "ens33").mac })
    let payload = [UInt8](repeating: 0x45, count: 86)
    let plain = try CountingTests.frame(to: parent, payload)
    // To nobody: no answer comes between.
    let datagram = IPv4Packet(
      from: .v4(0xac16_1004), to: .v4(0xac16_1005), .udp(UDPDatagram(from: 9, to: 9, payload)))
    let ip = try EthernetFrame(to: parent, from: MACAddress(rawValue: 0x0200_0000_0004), .ipv4(datagram))
      .octets()
    var options = CaptureOptions()
    options.mechanism = mechanism
    let observation = try Observed.observe(lab, options: options, waiting: 200) {
      try body()
      try CountingTests.inject(lab, [plain], count: 1000)
      try CountingTests.inject(lab, [ip], count: 1000)
    }
    let counted = { (source: String) in
      observation.counters.filter { $0.interface == observation.before.parent && "\($0.source)" == source }
        .reduce(0) { $0 + $1.frames }
    }
    return (observation, counted("02:00:00:00:be:ef"), counted("02:00:00:00:00:04"))
  }

  @Test(arguments: kinds) func anotherKindAtTheFirstPriorityIsSaid(_ kind: String) throws {
    try Self.require(kind)
    try Observed.withLab(LabSpecification()) { lab in
      let foreign = try ForeignPrograms(
        lab, in: "docker01", on: "ens33",
        [
          "tc qdisc add dev $dev clsact", "tc filter add dev $dev ingress protocol ip prio 1 \(kind)",
          "tc filter add dev $dev ingress prio 3 bpf da obj $object sec tc",
        ])
      let before = try foreign.state()
      let forced = try Self.observe(lab, .clsact) {
        let own = try foreign.state().own
        #expect(own == [.ingress: [1], .egress: [0]], "between the two")
      }
      #expect(forced.other == 1000 && forced.ip == 0, "what the filter takes is hidden")
      let hook = Hook(forced.observation.before.parent, .ingress)
      #expect(forced.observation.blindHooks.map(\.hook) == [hook])
      let kind = kind.split(separator: " ")[0]
      #expect(
        forced.observation.degradations.contains {
          $0.consequence.hasPrefix("the \(kind) filter (priority 1, ")
            && $0.consequence.contains("gets frames before macvtrace at ens33, ingress")
        }, "\(forced.observation.degradations)")
      #expect(try foreign.state() == before)

      guard ForeignPrograms.hasTCX else { return }
      let chosen = try Self.observe(lab, nil)
      #expect(chosen.other == 1000 && chosen.ip == 1000)
      #expect(chosen.observation.degradations.isEmpty && chosen.observation.blindHooks.isEmpty)
    }
  }

  @Test func anIngressQueueingDisciplineHasNoEgressSide() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let foreign = try ForeignPrograms(
        lab, in: "docker01", on: "ens33",
        ["tc qdisc add dev $dev ingress", "tc filter add dev $dev ingress prio 1 bpf da obj $object sec tc"])
      let before = try foreign.state()
      let forced = try Self.observe(lab, .clsact)
      #expect(forced.other == 1000 && forced.ip == 1000, "counted once each")
      let parent = forced.observation.before.parent
      #expect(!forced.observation.counters.contains { $0.interface == parent && $0.direction == .egress })
      #expect(forced.observation.blindHooks.map(\.hook) == [Hook(parent, .egress)])
      #expect(
        forced.observation.degradations.contains {
          $0.consequence.contains("frames at ens33, egress are not seen: an ingress queueing discipline")
        })
      #expect(try foreign.state() == before)
      let disciplines = try lab.run(["tc", "qdisc", "show", "dev", "ens33"], in: "docker01").output
      #expect(disciplines.contains("qdisc ingress ffff:"), "it stays: \(disciplines)")

      // A killed capture's filter is found there, too.
      let capture = try Background(
        [".build/debug/macvtrace", "attach", "ens33", "--json", "--mechanism", "clsact"],
        in: lab.namespace("docker01"))
      try capture.waitFor("attached to ens33: 2 interfaces, 3 hooks")
      capture.kill()
      #expect(try foreign.state().own[.ingress] == [0])
      _ = try lab.run([".build/debug/macvtrace", "doctor", "--sweep"], in: "docker01")
      #expect(try foreign.state() == before)
    }
  }

  @Test func aBlockThatInterfacesShareIsLeftAlone() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let foreign = try ForeignPrograms(
        lab, in: "docker01", on: "ens33",
        [
          "tc qdisc add dev $dev ingress_block 22 clsact",
          "tc filter add block 22 prio 1 bpf da obj $object sec tc",
        ])
      let before = try foreign.state()
      let forced = try Self.observe(lab, .clsact)
      #expect(forced.observation.blindHooks.map(\.hook) == [Hook(forced.observation.before.parent, .ingress)])
      #expect(forced.observation.otherPrograms.map(\.place) == [.tcIngress], "the block's filter is listed")
      #expect(try foreign.state() == before)
      guard ForeignPrograms.hasTCX else { return }
      let chosen = try Self.observe(lab, nil)
      #expect(chosen.other == 1000 && chosen.ip == 1000 && chosen.observation.blindHooks.isEmpty)
    }
  }

  /// Somebody uses the clsact that we made while we observe: it is theirs then.
  @Test(arguments: kinds + ["chain"]) func aClsactThatOthersUseByNowStays(_ kind: String) throws {
    if kind != "chain" { try Self.require(kind) }
    let command =
      kind == "chain"
      ? "chain add dev $dev ingress chain 5" : "filter add dev $dev egress protocol ip prio 7 \(kind)"
    try Observed.withLab(LabSpecification()) { lab in
      let foreign = try ForeignPrograms(lab, in: "docker01", on: "ens33")
      _ = try Self.observe(lab, .clsact) { try foreign.run("tc \(command)") }
      let disciplines = try lab.run(["tc", "qdisc", "show", "dev", "ens33"], in: "docker01").output
      #expect(disciplines.contains("clsact"))
      let left = try foreign.state()
      #expect(left.own == [.ingress: [], .egress: []])
      #expect(left.filters[.egress]?.count == (command.hasPrefix("filter") ? 1 : 0))
      let chains = try lab.run(["tc", "chain", "show", "dev", "ens33", "ingress"], in: "docker01").output
      #expect(chains.contains("chain 5") == command.hasPrefix("chain"), "\(chains)")
    }
  }

  /// Before they were the first, our filters had another priority.
  @Test func filtersOfAnOlderMacvtraceAreSwept() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let foreign = try ForeignPrograms(lab, in: "docker01", on: "ens33")
      try lab.namespace("docker01").run {
        let socket = try NetlinkSocket()
        let ifindex = try socket.link(named: "ens33").ifindex
        let program = try Program.trivial()
        try socket.apply(.addClsact(ifindex: ifindex))
        for (handle, priority) in [UInt16(1), 2, 49152].enumerated() {
          let filter = BPFFilter(
            ifindex: ifindex, direction: .ingress, priority: priority, handle: 0x6d76_0001 + UInt32(handle),
            name: "macvtrace/4194305/1/4026531836/q")
          try socket.apply(.addFilter(filter, programDescriptor: program.fileDescriptor))
        }
        #expect(try foreign.state().own[.ingress] == [0, 1, 2])
        let swept = FilterSweeper.sweep(try TopologyScanner(parent: "ens33").scan(), remove: true)
        #expect(swept.map(\.swept) == [true, true, true])
        #expect(try !socket.queueingDisciplines().contains { $0.kind == "clsact" && $0.ifindex == ifindex })
      }
    }
  }
}
