import BPF
import Foundation
import LinuxNamespaces
import SystemPackage
import TestSupport
import Testing

@Suite("Links", .enabled(if: isRoot, "needs root"), .serialized) struct LinkTests {
  /// What the kernel says of the TCX links of this process, by the program's id.
  static func links() throws -> [UInt32: [String: String]] {
    var links: [UInt32: [String: String]] = [:]
    for descriptor in try openDescriptors("bpf_link") {
      let fields = try descriptorInformation(descriptor)
      if let id = fields["prog_id"].flatMap(UInt32.init) { links[id] = fields }
    }
    return links
  }

  static func attached(_ direction: AttachDirection = .ingress) throws -> [UInt32] {
    try Program.attachedTCX(ifindex: TestNamespace.loopback, direction: direction)
  }

  @Test(.needs(.tcx)) func tcxLinksStandInTheOrderThatWasAskedFor() throws {
    try TestNamespace().run {
      let loopback = TestNamespace.loopback
      let programs = try (0..<5).map { _ in try Program.trivial() }
      let ids = try programs.map { try $0.information().id }
      #expect(try Self.attached().isEmpty)
      let zero = try programs[0].attachTCX(ifindex: loopback, direction: .ingress)
      #expect(try Self.attached() == [ids[0]])
      let one = try programs[1].attachTCX(ifindex: loopback, direction: .ingress)
      #expect(try Self.attached() == [ids[0], ids[1]])
      let two = try programs[2].attachTCX(ifindex: loopback, direction: .ingress, position: .first)
      #expect(try Self.attached() == [ids[2], ids[0], ids[1]])
      let three = try programs[3].attachTCX(
        ifindex: loopback, direction: .ingress, position: .before(ids[1]))
      #expect(try Self.attached() == [ids[2], ids[0], ids[3], ids[1]])
      let four = try programs[4].attachTCX(ifindex: loopback, direction: .ingress, position: .after(ids[2]))
      #expect(try Self.attached() == [ids[2], ids[4], ids[0], ids[3], ids[1]])
      #expect(try Self.attached(.egress).isEmpty)
      // Beside what the kernel and bpftool say of each.
      let links = try Self.links()
      for (program, link) in zip(
        ids, [try zero.id(), try one.id(), try two.id(), try three.id(), try four.id()])
      {
        #expect(links[program]?["link_id"] == "\(link)")
        #expect(links[program]?["link_type"] == "tcx" && links[program]?["ifindex"] == "\(loopback)")
        // BPF_TCX_INGRESS
        #expect(links[program]?["attach_type"]?.hasPrefix("46") == true)
        #expect(try BPFTool.object("link", "show", "id", "\(link)")["prog_id"] as? Int == Int(program))
      }
    }
  }

  @Test(.needs(.tcx)) func programsRunInThatOrderAndTheFirstVerdictEndsIt() throws {
    let namespace = try TestNamespace()
    let map = try Map.create(type: MapType.hash, keySize: 4, valueSize: 4, maxEntries: 4, name: "mvt_seen")
    let seen = try TypedMap(map, key: UInt32.self, value: UInt32.self)
    // Notes its number and lets the frame pass, to the next program (TCX_NEXT, -1) or past it (TC_ACT_OK, 0).
    func program(_ number: Int32, _ verdict: Int32) throws -> Program {
      try Program.load(
        [.store32(10, offset: -4, number), .store32(10, offset: -8, 1)] + Instruction.loadMap(1, map) + [
          .move(2, 10), .add(2, -4), .move(3, 10), .add(3, -8), .set(4, 0), .call(2), .set(0, verdict), .exit,
        ], name: "mvt_note")
    }
    let next = try program(1, -1)
    let past = try program(2, 0)
    let never = try program(3, -1)
    try namespace.run {
      let loopback = TestNamespace.loopback
      let second = try past.attachTCX(ifindex: loopback, direction: .ingress)
      let third = try never.attachTCX(ifindex: loopback, direction: .ingress)
      let first = try next.attachTCX(ifindex: loopback, direction: .ingress, position: .first)
      try namespace.ping()
      #expect(Set(try seen.entries().map(\.key)) == [1, 2])
      _ = (try first.id(), try second.id(), try third.id())
    }
  }

  @Test(.needs(.tcx)) func aLinkEndsWithItsValue() throws {
    try TestNamespace().run {
      let program = try Program.trivial()
      let id = try program.information().id
      do {
        let link = try program.attachTCX(ifindex: TestNamespace.loopback, direction: .egress)
        #expect(try Self.attached(.egress) == [id] && Self.attached().isEmpty)
        #expect(try Self.links()[id]?["link_id"] == "\(link.id())")
      }
      #expect(try Self.attached(.egress).isEmpty && Self.links()[id] == nil)
      let again = try program.attachTCX(ifindex: TestNamespace.loopback, direction: .egress)
      #expect(try Self.attached(.egress) == [id])
      _ = try again.id()
    }
  }

  /// Killed, so that nothing of the process could clean up.
  @Test(.needs(.tcx)) func aLinkEndsWithItsProcess() async throws {
    let namespace = try TestNamespace()
    let name = namespace.name
    await #expect(processExitsWith: .signal(SIGKILL)) { [name = name as String] in
      try NetworkNamespace.named(name).run {
        let program = try Program.trivial()
        let link = try program.attachTCX(ifindex: TestNamespace.loopback, direction: .ingress)
        try #require(try Self.attached() == [program.information().id])
        kill(getpid(), SIGKILL)
        _ = try link.id()
      }
    }
    try namespace.run {
      for _ in 0..<100 where try !Self.attached().isEmpty { usleep(20_000) }
      #expect(try Self.attached().isEmpty)
    }
  }

  @Test(.needs(.tcx)) func programsOfOthersAreListed() throws {
    try TestNamespace().run {
      let others = try (0..<10).map { _ in try Program.trivial() }
      let links = try others.map {
        LinkBox(try $0.attachTCX(ifindex: TestNamespace.loopback, direction: .ingress))
      }
      #expect(try Self.attached() == others.map { try $0.information().id })
      #expect(links.count == 10)
    }
    #expect(throws: BPFError.self) {
      try Program.attachedTCX(ifindex: 0x7fff_fff0, direction: .ingress)
    }
  }

  @Test(.needs(.tcx)) func whatCannotBeAttachedSaysWhy() throws {
    try TestNamespace().run {
      let loopback = TestNamespace.loopback
      let program = try Program.trivial()
      let gone = #expect(throws: BPFError.self) {
        _ = try program.attachTCX(ifindex: 0x7fff_fff0, direction: .ingress)
      }
      #expect(gone?.errno.symbol == "ENODEV" && gone?.message.contains("2147483632") == true)
      let link = try program.attachTCX(ifindex: loopback, direction: .ingress)
      let twice = #expect(throws: BPFError.self) {
        _ = try program.attachTCX(ifindex: loopback, direction: .ingress)
      }
      #expect(twice?.errno.symbol == "EEXIST")
      let elsewhere = try Program.trivial()
      let id = try elsewhere.information().id
      let unrelated = #expect(throws: BPFError.self) {
        _ = try elsewhere.attachTCX(ifindex: loopback, direction: .ingress, position: .before(id))
      }
      #expect(unrelated?.errno.symbol == "ENOENT")
      #expect(#expect(throws: BPFError.self) { _ = try program.attachTracing() }?.code == .attach)
      _ = try link.id()
    }
  }

  /// `tc filter show` as JSON, without the lines that stand for a chain.
  static func filters(_ namespace: TestNamespace, _ direction: String) throws -> [[String: Any]] {
    let text = try output(of: ["tc", "-n", namespace.name, "-j", "filter", "show", "dev", "lo", direction])
    let lines = try JSONSerialization.jsonObject(with: text) as? [[String: Any]] ?? []
    return lines.filter { $0["options"] is [String: Any] }
  }

  @Test(arguments: [AttachDirection.ingress, .egress])
  func aFilterIsOneToTC(direction: AttachDirection) throws {
    let namespace = try TestNamespace()
    try namespace.run {
      let program = try Program.trivial()
      let id = try program.information().id
      func shown() throws -> [[String: Any]] { try Self.filters(namespace, "\(direction)") }
      do {
        let filter = try program.attachFilter(
          ifindex: TestNamespace.loopback, direction: direction, priority: 77)
        let their = try #require(try shown().first)
        let options = try #require(their["options"] as? [String: Any])
        #expect(their["kind"] as? String == "bpf" && their["pref"] as? Int == 77 && filter.priority == 77)
        #expect(options["direct-action"] as? Bool == true)
        #expect((options["prog"] as? [String: Any])?["id"] as? Int == Int(id))
        #expect(options["handle"] as? String == "0x" + String(filter.handle, radix: 16))
        let chosen = try program.attachFilter(ifindex: TestNamespace.loopback, direction: direction)
        #expect(Set(try shown().compactMap { $0["pref"] as? Int }) == [77, Int(chosen.priority)])
        try chosen.detach()
        #expect(try shown().count == 1)
      }
      #expect(try shown().isEmpty)
      let removed = try program.attachFilter(ifindex: TestNamespace.loopback, direction: direction)
      try output(of: ["tc", "-n", namespace.name, "filter", "del", "dev", "lo", "\(direction)"])
      let refused: (any Error)?
      do {
        try removed.detach()
        refused = nil
      } catch {
        refused = error
      }
      #expect((refused as? BPFError)?.code == .attach)
      #expect(throws: BPFError.self) {
        _ = try program.attachFilter(ifindex: 0x7fff_fff0, direction: direction)
      }
    }
  }

  @Test func aTracepointIsTraced() throws {
    let (program, runs, lastError) = try TestObject.open("tracing") { object in
      try object.setGlobal("watched_process", to: UInt32(getpid()))
      let loaded = try object.load()
      return (
        try loaded.program("test_finished"), try loaded.global("test_runs", as: UInt64.self),
        try loaded.global("last_error", as: Int32.self)
      )
    }
    let traced = try Program.trivial()
    let frame = TestObject.frame(0)
    _ = try traced.testRun(packet: frame)
    #expect(runs.value == 0, "not attached yet")
    do {
      let link = try program.attachTracing()
      let before = runs.value
      for _ in 0..<3 { _ = try traced.testRun(packet: frame) }
      #expect(runs.value == before + 3 && lastError.value == 0)
      let shown = try BPFTool.object("link", "show", "id", "\(link.id())")
      #expect(shown["prog_id"] as? Int == Int(try program.information().id))
    }
    let after = runs.value
    _ = try traced.testRun(packet: frame)
    #expect(runs.value == after, "detached")
  }
}

/// A link that can be put into an array.
final class LinkBox: Sendable {
  private let link: Link

  init(_ link: consuming Link) { self.link = link }
}
