import BPF
import Foundation
import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import TestSupport
import Testing
import TraceCapture
import TraceDiscovery
import TraceLab
import TraceModel

/// Other people's XDP, TCX and tc programs stay as they are, and hide nothing that does not have to be hidden.
@Suite(.serialized) struct CoexistenceTests {
  private static let filters = [
    "tc qdisc add dev $dev clsact",
    "tc filter add dev $dev ingress prio 1 bpf da obj $object sec tc",
    "tc filter add dev $dev ingress protocol ip prio 5 u32 match u32 0 0 flowid 1:1",
    "tc filter add dev $dev egress prio 1 bpf da obj $object sec tc",
  ]

  /// One of each kind on the parent and on a child inside of its container.
  private static func ofEveryKind(_ lab: Lab) throws -> [ForeignPrograms] {
    // TCX_NEXT.
    let tcx: [Direction: Int32] = ForeignPrograms.hasTCX ? [.ingress: -1, .egress: -1] : [:]
    let parent = try ForeignPrograms(
      lab, in: "docker01", on: "ens33", filters + ["ip link set dev $dev xdpgeneric obj $object sec xdp"],
      tcx: tcx)
    let id = try #require(try parent.state().xdp.programIDs.first)
    let child = try ForeignPrograms(
      lab, in: "bbox1", on: "eth0", filters + ["bpftool net attach xdpgeneric id \(id) dev $dev"], tcx: tcx)
    return [parent, child]
  }

  @Test(arguments: HookMechanism.allCases)
  func othersAreListedAndStandWhereTheyStood(_ mechanism: HookMechanism) throws {
    try mechanism.require()
    try Observed.withLab(LabSpecification()) { lab in
      let foreign = try Self.ofEveryKind(lab)
      let before = try foreign.map { try $0.state() }
      var options = CaptureOptions()
      options.mechanism = mechanism
      let observation = try Observed.observe(lab, options: options) {
        for (one, was) in zip(foreign, before) {
          var now = try one.state()
          for direction in [Direction.ingress, .egress] {
            switch mechanism {
            case .tcx:
              let ours = now.tcx[direction]?.removeFirst()
              #expect(ours != nil && was.tcx[direction]?.contains(ours ?? 0) == false, "ours is the first")
            case .clsact:
              #expect(now.own[direction] == [0], "ours is the first")
              now.own[direction] = []
            }
          }
          #expect(now == was)
        }
      }
      #expect(try foreign.map { try $0.state() } == before)
      for (interface, was) in zip(observation.before.interfaces, before) {
        let listed = observation.otherPrograms.filter { $0.interface == interface.id }
        let ids = { (place: OtherProgram.Place) in listed.filter { $0.place == place }.compactMap(\.programID)
        }
        #expect(ids(.xdp) == was.xdp.programIDs)
        #expect(ids(.tcxIngress) == was.tcx[.ingress] ?? [] && ids(.tcxEgress) == was.tcx[.egress] ?? [])
        #expect(ids(.tcIngress) == (was.filters[.ingress] ?? []).programIDs)
        #expect(ids(.tcEgress) == (was.filters[.egress] ?? []).programIDs)
        #expect(listed.contains { $0.kind == "u32" && $0.priority == 5 && $0.handle == 0x8000_0800 })
        #expect(listed.first?.name == "pass_all" && listed.first?.mode == "generic")
        #expect(listed.filter { $0.place.isFilter }.allSatisfy { $0.position == .after })
        let ahead: Set<OtherProgram.Place> =
          mechanism == .tcx || !ForeignPrograms.hasTCX ? [.xdp] : [.xdp, .tcxIngress, .tcxEgress]
        #expect(Set(listed.filter { $0.position == .before }.map(\.place)) == ahead)
      }
      #expect(
        observation.degradations.contains { $0.feature == "XDP" && $0.consequence.contains("pass_all") })
      let isHidden = mechanism == .clsact && ForeignPrograms.hasTCX
      #expect(observation.blindHooks.count == (isHidden ? 4 : 0), "\(observation.blindHooks)")
    }
  }

  @Test(arguments: HookMechanism.allCases)
  func aKilledCaptureLeavesOthersAsTheyWere(_ mechanism: HookMechanism) throws {
    try mechanism.require()
    try Observed.withLab(LabSpecification()) { lab in
      let foreign = try Self.ofEveryKind(lab)
      let before = try foreign.map { try $0.state() }
      let capture = try Background(
        [
          ".build/debug/macvtrace", "attach", "ens33", "--json", "--mechanism",
          mechanism == .tcx ? "tcx" : "clsact",
        ], in: lab.namespace("docker01"))
      try capture.waitFor("attached to ens33: 2 interfaces, 4 hooks")
      capture.kill()
      if mechanism == .clsact {
        #expect(try foreign[0].state().own == [.ingress: [0], .egress: [0]], "nothing was left: no test")
        let swept = try lab.run([".build/debug/macvtrace", "doctor", "ens33", "--sweep"], in: "docker01")
        #expect(swept.status == 0, "\(swept.output)")
      }
      var after = try foreign.map { try $0.state() }
      // The kernel ends links of a killed process a moment later.
      for _ in 0..<50 where after != before {
        usleep(20_000)
        after = try foreign.map { try $0.state() }
      }
      #expect(after == before)
    }
  }

  @Test func theDoctorShowsTheOrder() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let foreign = try Self.ofEveryKind(lab)
      let before = try foreign.map { try $0.state() }
      let doctor = [".build/debug/macvtrace", "doctor", "ens33"]
      let text = try lab.run(doctor, in: "docker01")
      #expect(text.status == 0, "\(text.output)")
      let lines = text.output.split(separator: "\n").map(String.init)
      let start = try #require(lines.firstIndex { $0.contains("  ens33, in") })
      let side = lines[start...].dropFirst().prefix { $0.hasPrefix("    ") && !$0.contains(", out") }
      let order = side.filter { $0.dropFirst(4).first?.isNumber == true }
      let xdp = try #require(before[0].xdp.programIDs.first)
      #expect(order.first?.contains("XDP program pass_all (id \(xdp), generic)") == true)
      let own = try #require(order.firstIndex { $0.contains("macvtrace, ") })
      #expect(order.distance(from: order.startIndex, to: own) == 1, "\(order)")
      #expect(order.contains { $0.contains("u32 filter (priority 5, handle 0x80000800)") })
      #expect(
        lines.contains { $0.hasSuffix("bbox1, in") }, "\(text.output)"
      )

      let json = try lab.run(doctor + ["--json"], in: "docker01").output
      let report = try JSONDecoder().decode(DoctorReport.self, from: Data(json.utf8))
      #expect(report.interfaces.map(\.name) == ["ens33", "eth0"] && report.places.count == 4)
      #expect(report.otherPrograms.filter { $0.place == .xdp }.count == 2)
      let ids = report.otherPrograms.filter { $0.interface == report.interfaces[0].id }.compactMap(
        \.programID)
      let theirs =
        before[0].xdp.programIDs + (before[0].tcx[.ingress] ?? [])
        + (before[0].filters[.ingress] ?? []).programIDs + (before[0].tcx[.egress] ?? [])
        + (before[0].filters[.egress] ?? []).programIDs
      #expect(ids == theirs)
      #expect(try foreign.map { try $0.state() } == before, "a look changes nothing")

      let nobody = try lab.run([".build/debug/macvtrace", "doctor", "typo"], in: "docker01")
      #expect(nobody.status == 2 && nobody.output.contains("no interface typo"))
    }
  }

  /// What somebody else's programs do with every frame, at every hook of `ens33`.
  enum Verdict: Int32, CaseIterable {
    case accept = 0
    case drop = 2
  }

  @Test(arguments: HookMechanism.allCases, Verdict.allCases)
  func whoEndsTheChainHidesNothing(_ mechanism: HookMechanism, _ verdict: Verdict) throws {
    try mechanism.require()
    try Observed.withLab(LabSpecification()) { lab in
      try CountingTests.silence(lab)
      let section = verdict == .accept ? "tc" : "classifier"
      let tcx = mechanism == .tcx ? [Direction.ingress: verdict.rawValue, .egress: verdict.rawValue] : [:]
      _ = try ForeignPrograms(
        lab, in: "docker01", on: "ens33",
        ["tc qdisc add dev $dev clsact"]
          + [Direction.ingress, .egress].map {
            "tc filter add dev $dev \($0) prio 1 bpf da obj $object sec \(section)"
          }
          + ["ip neigh add 172.22.16.77 lladdr 02:00:00:00:00:77 dev $dev"], tcx: tcx)
      let parent = try #require(
        try lab.namespace("docker01").run { try NetlinkSocket().link(named: "ens33").mac })
      let payload = [UInt8](repeating: 0x5a, count: 86)
      let frame = try CountingTests.frame(to: parent, payload)
      var options = CaptureOptions()
      options.mechanism = mechanism
      let observation = try Observed.observe(lab, options: options, waiting: 300) {
        // First what leaves: records of drops have a budget.
        let send = "for i in $(seq 20); do echo x > /dev/udp/172.22.16.77/9; done"
        _ = try lab.run(["bash", "-c", send], in: "docker01")
        try CountingTests.inject(lab, [frame], count: 10_000)
      }
      let first = try #require(observation.before.parentInterface?.statistics)
      let last = try #require(observation.after.parentInterface?.statistics)
      let counted = { (direction: Direction) in
        observation.counters.filter { $0.interface == observation.before.parent && $0.direction == direction }
      }
      #expect(counted(.ingress).reduce(0) { $0 + $1.frames } == last.receivedFrames - first.receivedFrames)
      #expect(counted(.ingress).reduce(0) { $0 + $1.frames } > 5000, "the network must carry the flood")
      let sent = counted(.egress).filter { $0.destination.description == "02:00:00:00:00:77" }
      #expect(sent.reduce(0) { $0 + $1.frames } == 20)
      if verdict == .drop, observation.drops.contains(where: { $0.reason != nil }) {
        let reasons = Dictionary(
          grouping: observation.drops.filter { $0.interface == observation.before.parent }
        ) {
          $0.reason ?? ""
        }
        #expect((reasons["TC_INGRESS"] ?? []).isEmpty == false)
        #expect(reasons["TC_EGRESS"]?.count == 20, "\(reasons.mapValues(\.count))")
      }
      #expect(observation.blindHooks.isEmpty)
    }
  }

  @Test(.needs(.tcx))
  func aChildWithTCXProgramsIsAttachedByTCXHoweverManyThereAre() throws {
    try Observed.withLab(Crowd.specification) { lab in
      // TCX_PASS: no filter behind it sees the frame.
      let foreign = try ForeignPrograms(lab, in: "many0", on: "eth0", tcx: [.ingress: 0, .egress: 0])
      try lab.namespace("docker01").run {
        let topology = try TopologyScanner(parent: "ens33").scan()
        let session = try CaptureSession(topology)
        let mechanisms = Dictionary(
          grouping: topology.children.filter { $0.id.namespace != topology.parent.namespace },
          by: { session.mechanism($0.id) })
        #expect(mechanisms[.clsact]?.count == Crowd.count)
        #expect(mechanisms[.tcx]?.count == 1 && mechanisms[.tcx]?[0].namespace.hasSuffix("many0") == true)
        let result = try lab.run(["ping", "-c", "3", "-i", "0.1", "172.22.16.101"], in: "many0")
        #expect(result.status == 0, "\(result.output)")
        let id = try #require(mechanisms[.tcx]?.first?.id)
        let frames = session.counters().filter { $0.interface == id && !$0.destination.isMulticast }
        #expect(frames.filter { $0.direction == .egress }.reduce(0) { $0 + $1.frames } >= 3)
        #expect(frames.filter { $0.direction == .ingress }.reduce(0) { $0 + $1.frames } >= 3)
        session.stop()
      }
      withExtendedLifetime(foreign) {}
    }
  }

  /// A frame pays a filter more than a link: so those of many that carry the traffic get links.
  @Test(.needs(.tcx))
  func theBusiestOfManyChildrenAreAttachedByTCX() throws {
    try Observed.withLab(Crowd.specification) { lab in
      let traffic = try lab.run(["ping", "-qfc", "6000", "172.22.16.107"], in: "many3")
      #expect(traffic.status == 0, "\(traffic.output)")
      try lab.namespace("docker01").run {
        let topology = try TopologyScanner(parent: "ens33").scan()
        let session = try CaptureSession(topology)
        defer { session.stop() }
        let linked = topology.children.filter {
          $0.id.namespace != topology.parent.namespace && session.mechanism($0.id) == .tcx
        }
        let names = Set(["many3", "many7"].map { lab.specification.prefix + $0 })
        #expect(Set(linked.map(\.namespace)) == names)
        #expect(try lab.run(["ping", "-qfc", "500", "172.22.16.108"], in: "many3").status == 0)
        let many8 = try #require(topology.children.first { $0.namespace.hasSuffix("many8") })
        #expect(session.mechanism(many8.id) == .clsact)
        for id in [try #require(linked.first { $0.namespace.hasSuffix("many3") }).id, many8.id] {
          for direction in [Direction.ingress, .egress] {
            let counted = session.counters().filter {
              $0.interface == id && $0.direction == direction && !$0.destination.isMulticast
            }
            // Beside the answers and requests of ARP.
            #expect((500...504).contains(counted.reduce(0) { $0 + $1.frames }), "\(counted)")
          }
        }
      }
    }
  }

  /// A capture of the command itself, ended, with its report.
  private static func report(_ capture: Background) throws -> Report {
    let output = capture.stop()
    let start = try #require(output.range(of: "\n{"))
    return try JSONDecoder().decode(Report.self, from: Data(output[start.lowerBound...].utf8))
  }

  @Test(arguments: [["tcx", "tcx"], ["clsact", "clsact"], ["tcx", "clsact"]])
  func twoCapturesBothCountEverything(_ mechanisms: [String]) throws {
    if mechanisms.contains("tcx") { try Feature.tcx.require() }
    try Observed.withLab(LabSpecification()) { lab in
      try CountingTests.silence(lab)
      let parent = try #require(
        try lab.namespace("docker01").run { try NetlinkSocket().link(named: "ens33").mac })
      let frame = try CountingTests.frame(to: parent, [UInt8](repeating: 0x5a, count: 86))
      let captures = try mechanisms.map { mechanism in
        let capture = try Background(
          [".build/debug/macvtrace", "attach", "ens33", "--json", "--mechanism", mechanism],
          in: lab.namespace("docker01"))
        try capture.waitFor("attached to ens33: 2 interfaces, 4 hooks")
        return capture
      }
      try CountingTests.inject(lab, [frame], count: 20_000)
      usleep(300_000)
      let reports = try captures.map(Self.report)
      for report in reports {
        let counted = report.counters.filter {
          $0.source.description == "02:00:00:00:be:ef" && $0.direction == .ingress
        }
        #expect(counted.reduce(0) { $0 + $1.frames } == 20_000)
        #expect(
          report.blindHooks.isEmpty
            && !report.degradations.contains { ["XDP", "hooks"].contains($0.feature) })
      }
      #expect(reports[1].otherPrograms.count == 4, "the second lists the first")
      #expect(try lab.run(["tc", "qdisc"], in: "docker01").output.contains("clsact") == false)
    }
  }
}
