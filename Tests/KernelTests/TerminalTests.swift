import LinuxNamespaces
import Testing
import TraceLab

/// `attach` on a terminal.
@Suite(.serialized) struct TerminalTests {
  /// Watches docker01 for some pictures while bbox1 pings, presses Ctrl-C, and hands over what stood on the terminal
  /// before and after.
  private static func watch(
    _ environment: [String], until condition: @escaping ([UInt8]) -> Bool,
    _ check: (Screen, Screen) throws -> Void
  ) throws {
    try Observed.withLab(LabSpecification()) { lab in
      let ping = try Background(
        ["ping", "-i", "0.2", "172.22.16.20"], in: lab.namespace("bbox1"))
      let terminal = try PseudoTerminal(
        [".build/debug/macvtrace", "attach", "ens33"], environment: ["LANG=C.UTF-8"] + environment,
        in: lab.namespace("docker01"))
      let modes = terminal.modes
      try #require(
        terminal.read(seconds: 8, until: condition), "\(String(decoding: terminal.output, as: UTF8.self))")
      let before = Screen(terminal.output)
      try terminal.press(3)
      let status = terminal.end()
      let after = Screen(terminal.output)
      ping.stop()
      #expect(status == 0)
      #expect(terminal.modes == modes, "the terminal is as it was")
      #expect(after.others.isEmpty, "no mode was set that could stay: \(after.others)")
      #expect(!after.isColored, "the color is put back")
      #expect(after.text.contains("macvtrace 0.1.0 · ens33 on "), "the report: \(after.text)")
      try check(before, after)
    }
  }

  /// Whether the cursor went up to draw a picture anew, so often.
  private static func pictures(_ count: Int) -> ([UInt8]) -> Bool {
    { output in String(decoding: output, as: UTF8.self).matches(of: /\x{1b}\[\d+A/).count >= count }
  }

  @Test func theTableIsRedrawnInPlaceAndTheReportTakesItsPlace() throws {
    try Self.watch(["TERM=xterm-256color"], until: Self.pictures(2)) { before, after in
      #expect(before.text.matches(of: /eth0 in mvt\d+-bbox1/).count == 1, "one picture: \(before.text)")
      #expect(before.lines.count <= 24)
      #expect(after.everColored)
      let first = after.lines.firstIndex { $0.contains("macvtrace 0.1.0") } ?? 0
      #expect(first <= 2, "nothing of the table stands before the report: \(after.text)")
      #expect(after.text.contains("attached to ens33: 2 interfaces, 4 hooks"))
    }
  }

  @Test func whoWantsNoColorGetsNone() throws {
    try Self.watch(["TERM=xterm-256color", "NO_COLOR=1"], until: Self.pictures(1)) { before, after in
      #expect(!after.everColored)
      #expect(before.text.contains("-bbox1"))
    }
  }

  /// Such a terminal cannot move its cursor: it gets the lines that a file gets.
  @Test func aTerminalWithoutACursorGetsLines() throws {
    try Self.watch(["TERM=dumb"], until: { $0.contains("frames".utf8) }) { _, after in
      #expect(!after.isCommanded, "\(after.text)")
    }
  }

  @Test func aFileGetsNoEscapes() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let result = try lab.run(
        ["env", "TERM=xterm-256color", ".build/debug/macvtrace", "attach", "ens33", "--duration", "1s"],
        in: "docker01")
      #expect(result.status == 0 && !result.output.utf8.contains(0x1b))
    }
  }
}
