import Testing
import TraceModel
import TraceReport

@Suite("The doctor for a person") struct DoctorTextTests {
  static func text(_ checks: [DoctorCheck], leftovers: [Leftover] = []) -> String {
    let report = DoctorReport(
      tool: Sample.tool, host: Sample.machine, checks: checks,
      hooks: [PlannedHook(hook: "skb:kfree_skb", mechanism: "tp_btf", why: "typed arguments")],
      leftovers: leftovers)
    return DoctorText.render(report, style: TextStyle(colors: false))
  }

  static let fine = DoctorCheck("BTF", .ok, detail: "/sys/kernel/btf/vmlinux")

  @Test("the first line is the verdict of the worst check")
  func verdict() {
    let lesser = DoctorCheck("TCX", .degraded, detail: "EINVAL", consequence: "clsact filters instead")
    let lacking = DoctorCheck("privilege", .missing, detail: "no CAP_BPF", consequence: "run it with sudo")
    #expect(lines(Self.text([Self.fine]))[0].contains("this machine can run macvtrace, with everything"))
    #expect(lines(Self.text([Self.fine, lesser]))[0].contains("can run macvtrace; what it lacks"))
    #expect(lines(Self.text([lesser, lacking, Self.fine]))[0].contains("cannot run macvtrace"))
  }

  @Test("what is not well says what follows from it")
  func consequences() {
    let text = Self.text([
      Self.fine, DoctorCheck("privilege", .missing, detail: "no CAP_BPF", consequence: "run it with sudo"),
    ])
    #expect(text.contains("✗ privilege  no CAP_BPF"))
    #expect(text.contains("run it with sudo"))
    #expect(text.contains("skb:kfree_skb  tp_btf: typed arguments"))
  }

  @Test("leftovers are listed; only what is still there can be swept")
  func leftovers() {
    #expect(!Self.text([Self.fine]).contains("Left behind"))
    let swept = Self.text(
      [Self.fine], leftovers: [Leftover(interface: "ens33", what: "clsact filter", swept: true)])
    #expect(swept.contains("ens33  clsact filter, removed"))
    #expect(!swept.contains("--sweep"))
    let left = Self.text(
      [Self.fine], leftovers: [Leftover(interface: "ens33", what: "clsact filter", swept: false)])
    #expect(left.contains("macvtrace doctor --sweep"))
  }
}
