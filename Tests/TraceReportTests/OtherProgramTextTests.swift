import Testing
import TraceModel
import TraceReport

@Suite("Other people's programs, for a person") struct OtherProgramTextTests {
  static func xdp(_ name: String = "guard") -> OtherProgram {
    var program = OtherProgram(interface: Sample.parentID, place: .xdp, position: .before)
    program.programID = 7
    program.name = name
    program.mode = "generic"
    return program
  }

  static func filter(_ name: String = "cls.o", at place: OtherProgram.Place = .tcIngress) -> OtherProgram {
    var program = OtherProgram(interface: Sample.parentID, place: place)
    program.kind = "bpf"
    program.name = name
    program.priority = 1
    program.handle = 0x2a
    return program
  }

  private static func text(_ change: (inout Report) -> Void) -> String {
    var report = Sample.report(findings: [])
    change(&report)
    return TextReport.render(report, style: TextStyle(colors: false))
  }

  @Test("each is a row that says who gets frames first; without any there is no section")
  func table() {
    let text = Self.text { $0.otherPrograms = [Self.xdp(), Self.filter()] }
    let rows = lines(text).filter { $0.contains("macvtrace") && $0.contains("ens33") && $0.contains("in ") }
    #expect(
      rows.contains { $0.contains("XDP program guard (id 7, generic)") && $0.hasSuffix("before macvtrace") })
    #expect(
      rows.contains {
        $0.contains("bpf filter cls.o (priority 1, handle 0x2a)") && $0.hasSuffix("after macvtrace")
      })
    #expect(!Self.text { _ in }.contains("Other programs"))
    let many = Self.text { $0.otherPrograms = Array(repeating: Self.filter(), count: 40) }
    #expect(many.contains("… 28 more rows: all of them with --json"))
  }

  @Test("a program that was removed is said with the time, and counters are not called exact everywhere")
  func removals() {
    let hook = Hook(Sample.parentID, .ingress)
    let removed = BlindHook(
      hook, since: 3_200_000_005, reason: "somebody removed macvtrace's program from ens33, ingress")
    let text = Self.text { $0.blindHooks = [removed] }.split(separator: "\n").joined(separator: " ")
    #expect(
      text.contains(
        "Somebody removed macvtrace's program from ens33, ingress: frames that passed there from 3.2"))
    #expect(text.contains("at 1 hook not every frame was seen"))
    #expect(!text.contains("every frame at every hook was counted"))
    let many = Self.text { $0.blindHooks = Array(repeating: removed, count: 12) }
    #expect(many.contains("The same at 2 more hooks."))
  }

  @Test("the live views say it, the plain one once")
  func live() {
    let change = NetworkChange(
      time: 1, kind: .programRemoved, interface: Sample.parentID, text: "somebody removed it from ens33")
    let now = LiveSnapshot(elapsed: 1, topology: Sample.topology(), counters: [], changes: [change])
    let table = LiveView(now).lines(style: TextStyle(colors: false))
    #expect(table.contains("✗ somebody removed it from ens33"))
    var plain = LivePlain()
    #expect(
      plain.lines(for: now, style: TextStyle(colors: false)) == ["00:01  ✗ somebody removed it from ens33"])
    #expect(plain.lines(for: now, style: TextStyle(colors: false)).isEmpty)
  }

  @Test("the doctor shows the order on each side, and why")
  func order() {
    let sides = [Direction.ingress, .egress].map { Hook(Sample.parentID, $0) }
    let report = DoctorReport(
      tool: Sample.tool, host: Sample.machine, checks: [], interfaces: [Sample.parent()],
      otherPrograms: [Self.xdp(), Self.filter()],
      places: [
        PlannedPlace(sides[0], mechanism: "clsact filter", priority: 1, why: "before all others"),
        PlannedPlace(sides[1], mechanism: nil, why: "there is no room"),
        PlannedPlace(Hook(Sample.firstID, .ingress), mechanism: "TCX link", why: ""),
      ])
    let shown = lines(DoctorText.render(report, style: TextStyle(colors: false)))
    let start = shown.firstIndex(of: "  ens33, in") ?? 0
    #expect(
      Array(shown[start...].prefix(7)) == [
        "  ens33, in", "    1  XDP program guard (id 7, generic)",
        "    2  macvtrace, clsact filter (priority 1)",
        "       before all others", "    3  bpf filter cls.o (priority 1, handle 0x2a)", "  ens33, out",
        "       macvtrace cannot see this side: there is no room",
      ])
    #expect(shown.contains("  On the other 1 side macvtrace would be alone."))
  }
}
