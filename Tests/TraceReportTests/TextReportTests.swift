import NetworkAddresses
import Testing
import TraceModel
import TraceReport

@Suite("The report for a person") struct TextReportTests {
  static func text(_ report: Report, width: Int = 100, colors: Bool = false, unicode: Bool = true) -> String {
    TextReport.render(report, style: TextStyle(colors: colors, width: width, unicode: unicode))
  }

  /// A report with something in every section.
  static func full() -> Report {
    var report = Sample.report()
    var second = Sample.finding()
    second.id = "parent-no-carrier"
    second.severity = .warning
    second.confidence = .likely
    second.title = "ens33 lost its carrier"
    report.findings.append(second)
    report.loss.sightingsDropped = 1246
    report.loss.ringFull = 12
    report.loss.overBudget = ["connection": 1000, "conversation": 234, "sampled": 0]
    report.degradations = [Degradation(feature: "drop reasons", consequence: "this kernel has none")]
    report.notEvaluated = [
      NotEvaluated(id: "child-down", because: "nothing came in"),
      NotEvaluated(id: "parent-down", because: "nothing came in"),
    ]
    return report
  }

  @Test("the verdict stands in the second paragraph: how many problems, the root cause, how sure")
  func verdict() {
    let one = lines(Self.text(Sample.report(), width: 200))
    #expect(
      one[2].hasSuffix(
        "1 problem found: the host cannot reach its own macvlan child bbox1 (172.22.16.10) (proven)"))
    let two = lines(Self.text(Self.full()))
    #expect(two[2].contains("2 problems found; the first: the host cannot reach its own macvlan child bbox1"))
    let none = lines(Self.text(Sample.report(findings: [])))
    #expect(none[2].hasSuffix(" no problem found"))
  }

  @Test("information alone is no problem, and silence is no health")
  func goodVerdicts() {
    var note = Sample.finding()
    note.severity = .info
    let noted = Self.text(Sample.report(findings: [note]))
    #expect(noted.contains("no problem found; what is worth knowing stands below"))
    #expect(noted.contains(note.title))
    var silent = Sample.report(findings: [])
    silent.counters = []
    #expect(Self.text(silent).contains("not one frame was seen"))
  }

  @Test("every command stands whole on a line of its own", arguments: [40, 80, 100], [true, false])
  func commands(width: Int, colors: Bool) {
    let shown = lines(Self.text(Self.full(), width: width, colors: colors))
    let commands = Self.full().findings.flatMap { $0.fixes.flatMap(\.commands) }
    #expect(commands.count == 6)
    for command in Set(commands) {
      let holding = shown.filter { $0.drop { $0 == " " } == command }
      #expect(holding.count == commands.filter { $0 == command }.count, "\(command)")
    }
  }

  @Test("the title, the whole explanation, each piece of evidence and each fix can be read")
  func completeness() {
    let words = { (text: String) in text.split { $0 == " " || $0 == "\n" }.joined(separator: " ") }
    let shown = words(Self.text(Self.full(), width: 60))
    for finding in Self.full().findings {
      let texts =
        [finding.title, finding.explanation, finding.id] + finding.evidence.map(\.text)
        + finding.fixes.map(\.text)
      for text in texts { #expect(shown.contains(words(text)), "\(text)") }
    }
    for step in Sample.finding().path { #expect(shown.contains(step.place)) }
  }

  @Test(
    "no line but a command is wider than the style", arguments: [20, 40, 60, 80, 99, 100, 160], [true, false])
  func width(width: Int, unicode: Bool) {
    let commands = Set(Self.full().findings.flatMap { $0.fixes.flatMap(\.commands) })
    for line in lines(withoutColors(Self.text(Self.full(), width: width, colors: true, unicode: unicode))) {
      if commands.contains(String(line.drop { $0 == " " })) { continue }
      #expect(line.unicodeScalars.count <= width, "\(line)")
    }
  }

  @Test("running text stays readable on a wide terminal")
  func measure() {
    let prose = lines(Self.text(Self.full(), width: 300)).filter {
      $0.hasPrefix("  A frame") || $0.contains("was freed")
    }
    #expect(!prose.isEmpty)
    for line in prose { #expect(line.count <= 100) }
  }

  @Test("numbers are exact, whatever the width", arguments: [50, 80, 100])
  func exactNumbers(width: Int) {
    var report = Sample.report()
    report.counters = [
      Sample.counter(
        Sample.firstID, .ingress, Sample.outsideMAC, Sample.firstMAC, frames: 12_345_678_901,
        bytes: 987_654_321_098)
    ]
    let shown = Self.text(report, width: width)
    #expect(shown.contains("12,345,678,901"))
    #expect(shown.contains("987,654,321,098"))
  }

  @Test("a child's row divides what came in")
  func origins() throws {
    let row = try #require(
      lines(Self.text(Sample.report())).first { $0.hasPrefix("  bbox1 (eth0)") && $0.contains("1,234,607") })
    // in, bytes in, out, bytes out, from the wire, from siblings, reflected
    #expect(
      row.split(separator: " ").dropFirst(2)
        == ["1,234,607", "120,991,486", "40", "3,920", "1,234,567", "40", "0"])
  }

  @Test("the busiest rows come first, and the rest is counted")
  func topCounters() {
    var report = Sample.report()
    report.counters = (0..<100).map {
      Sample.counter(
        Sample.firstID, .ingress, MACAddress(rawValue: UInt64(0x0600_0000_0000 + $0)), Sample.firstMAC,
        frames: UInt64($0), vlan: 10)
    }
    let shown = Self.text(report)
    #expect(shown.contains("06:00:00:00:00:63"))
    #expect(!shown.contains("06:00:00:00:00:10"))
    #expect(shown.contains("88 more rows"))
  }

  @Test("without a loss nothing is said of one; the counters' exactness always is")
  func noLoss() {
    let shown = Self.text(Sample.report())
    #expect(shown.contains("every frame at every hook was counted"))
    for word in ["ring buffer", "budget", "malformed", "missing", "no room"] {
      #expect(!shown.contains(word))
    }
  }

  @Test("counts of interfaces that left long ago are said as one sum")
  func folded() {
    #expect(!Self.text(Sample.report()).contains("left first"))
    var report = Sample.report()
    report.foldedCounters.interfaces = 12_000
    report.foldedCounters.frames = 34_567
    report.foldedCounters.bytes = 1
    #expect(
      Self.text(report, width: 300).contains("12,000 interfaces that left first: 34,567 frames (1 byte)"))
  }

  @Test("a loss is said in words, by cause")
  func loss() {
    let shown = Self.text(Self.full(), width: 100)
    #expect(shown.contains("12 records could not be made: the ring buffer was full"))
    #expect(shown.contains("1,000 of class connection"))
    #expect(!shown.contains("class sampled"))
    #expect(shown.contains("No ARP, ND or ICMP frame is missing"))
    #expect(shown.contains("drop reasons: this kernel has none"))
    #expect(shown.contains("Not judged: child-down, parent-down (nothing came in)."))
  }

  @Test("lost frames that would have explained, and uncounted keys, take the certainty back")
  func seriousLoss() {
    var report = Self.full()
    report.loss.explainingFramesLost = 1
    report.loss.counterKeysOverflowed = 5000
    report.loss.counterBytesOverflowed = 300_000
    let shown = Self.text(report)
    #expect(!shown.contains("every frame at every hook was counted"))
    #expect(shown.contains("5,000 frames (300,000 bytes) found no room"))
    #expect(!shown.contains("No ARP, ND or ICMP frame is missing"))
    #expect(shown.contains("1 ARP, ND or ICMP frame among the missing"))
  }

  @Test("colors only where they were asked for, each ended on its own line")
  func colors() {
    #expect(!Self.text(Self.full()).contains("\u{1b}"))
    let colored = Self.text(Self.full(), colors: true)
    #expect(colored.contains("\u{1b}[1m"))
    #expect(withoutColors(colored) == Self.text(Self.full()))
    for line in lines(colored) where line.contains("\u{1b}") { #expect(line.contains("\u{1b}[0m")) }
  }

  @Test("where the locale is not UTF-8 every byte is ASCII")
  func ascii() {
    var report = Self.full()
    report.host.name = "größe"
    #expect(Self.text(report, unicode: false).utf8.allSatisfy { $0 == 0x0a || (0x20..<0x7f).contains($0) })
  }
}
