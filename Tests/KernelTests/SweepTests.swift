import BPF
import Glibc
import LinuxNamespaces
import Netlink
import Testing
import TraceCapture
import TraceDiscovery
import TraceLab
import TraceModel

/// What a killed capture leaves is found and removed; what a living one and others use is not touched.
@Suite(.serialized) struct SweepTests {
  @Test func onlyFiltersOfTheDeadAreSwept() throws {
    try Observed.withLab(LabSpecification()) { lab in
      try lab.namespace("docker01").run {
        let socket = try NetlinkSocket()
        let ifindex = try socket.link(named: "ens33").ifindex
        let program = try Program.trivial()
        let filter = { (name: String, handle: UInt32) in
          BPFFilter(ifindex: ifindex, direction: .ingress, priority: 49152, handle: handle, name: name)
        }
        // No process has this pid: the kernel's limit is 4194304.
        let dead = filter("macvtrace/4194305/1/4026531836/q", 0x6d76_0001)
        let foreign = filter("somebody-else", 7)
        let made = try socket.apply([
          .addClsact(ifindex: ifindex), .addFilter(dead, programDescriptor: program.fileDescriptor),
          .addFilter(foreign, programDescriptor: program.fileDescriptor),
        ])
        #expect(made.allSatisfy { $0 == nil })
        let topology = try TopologyScanner(parent: "ens33").scan()
        let found = FilterSweeper.sweep(topology, remove: false)
        #expect(found.count == 1 && found.allSatisfy { !$0.swept })
        #expect(FilterSweeper.sweep(topology, remove: true).map(\.swept) == [true])
        let left = try socket.filters(ifindex: ifindex, direction: .ingress)
        #expect(left.map(\.name) == ["somebody-else"], "and its clsact stays with it")
        #expect(FilterSweeper.sweep(topology, remove: true).isEmpty)
      }
    }
  }

  @Test func anEmptyClsactThatWasOursGoes() throws {
    try Observed.withLab(LabSpecification()) { lab in
      try lab.namespace("docker01").run {
        let socket = try NetlinkSocket()
        let ifindex = try socket.link(named: "ens33").ifindex
        let dead = BPFFilter(
          ifindex: ifindex, direction: .egress, priority: 49152, handle: 0x6d76_0001,
          name: "macvtrace/4194305/1/4026531836/q")
        let program = try Program.trivial()
        _ = try socket.apply([
          .addClsact(ifindex: ifindex), .addFilter(dead, programDescriptor: program.fileDescriptor),
        ])
        _ = FilterSweeper.sweep(try TopologyScanner(parent: "ens33").scan(), remove: true)
        #expect(try !socket.queueingDisciplines().contains { $0.kind == "clsact" && $0.ifindex == ifindex })
      }
    }
  }

  @Test func manyChildrenAreAttachedByFiltersAndLeaveNone() throws {
    try Observed.withLab(Crowd.specification) { lab in
      let observation = try Observed.observe(lab, waiting: 100) {
        let result = try lab.run(["ping", "-c", "1", "-W", "1", "172.22.16.101"], in: "many0")
        #expect(result.status == 0)
      }
      #expect(observation.degradations.isEmpty, "\(observation.degradations)")
      let seen = Set(observation.counters.map(\.interface))
      let names = Set(observation.before.interfaces.filter { seen.contains($0.id) }.map(\.namespace))
      #expect(names.contains { $0.hasSuffix("many0") } && names.contains { $0.hasSuffix("many1") })
      for name in ["many0", "docker01"] {
        let disciplines = try lab.run(["tc", "qdisc"], in: name).output
        #expect(!disciplines.contains("clsact"))
      }
    }
  }
}
