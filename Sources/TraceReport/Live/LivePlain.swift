import NetworkAddresses
import TraceModel

/// The live view where nothing can be redrawn: a line for each thing that changed since the snapshot before.
public struct LivePlain: Sendable {
  private var before: LiveSnapshot?
  private var told: [Finding] = []
  private var toldLoss: UInt64 = 0

  /// Interfaces that get a line of their own at one time.
  private static let interfaceLimit = 20

  /// Begins without a snapshot: the first one's counters count as changes.
  public init() {}

  /// Takes the next snapshot and says what changed: without line feeds, and whole, for whoever searches a log.
  public mutating func lines(for now: LiveSnapshot, style: TextStyle) -> [String] {
    let removals = Array(now.removals.dropFirst(before?.removals.count ?? 0))
    let lines = removals + findings(now) + losses(now) + traffic(now)
    before = now
    return lines.map { body in
      var line = TextLine(now.clock + "  ", .dim)
      line.append(body)
      return line.text(style)
    }
  }

  private mutating func findings(_ now: LiveSnapshot) -> [TextLine] {
    let key = { (finding: Finding) in [finding.id] + finding.subjects }
    let old = Dictionary(told.map { (key($0), $0.confidence) }) { first, _ in first }
    let new = Set(now.findings.map(key))
    let appeared = now.findings.filter { old[key($0)] != $0.confidence }.map(FindingText.line)
    let gone = told.filter { !new.contains(key($0)) }.map { TextLine("✓ no longer: \($0.title)", .good) }
    told = now.findings
    return appeared + gone
  }

  private mutating func losses(_ now: LiveSnapshot) -> [TextLine] {
    let missing = now.loss.sightingsDropped &+ now.loss.counterKeysOverflowed
    defer { toldLoss = missing }
    return missing == toldLoss ? [] : [CoverageText.summary(of: now.loss)].compactMap(\.self)
  }

  private func traffic(_ now: LiveSnapshot) -> [TextLine] {
    let sums = Traffic.sums(of: now.counters)
    let earlier = before.map { Traffic.sums(of: $0.counters) } ?? [:]
    let changed = now.topology.interfaces.compactMap { interface -> (Interface, Traffic)? in
      let recent = (sums[interface.id] ?? Traffic()).since(earlier[interface.id] ?? Traffic())
      return recent.isQuiet ? nil : (interface, recent)
    }
    var lines = changed.prefix(Self.interfaceLimit).map { interface, recent in
      TextLine(
        "\(interface.label)  in \(Self.amount(recent.framesIn, recent.bytesIn)), "
          + "out \(Self.amount(recent.framesOut, recent.bytesOut))")
    }
    if changed.count > lines.count {
      let hidden = Quantity.count(UInt64(changed.count - lines.count), "more interface")
      lines.append(TextLine("… \(hidden) carried frames", .dim))
    }
    return lines
  }

  private static func amount(_ frames: UInt64, _ bytes: UInt64) -> String {
    "\(Quantity.count(frames, "frame")) (\(Quantity.count(bytes, "byte")))"
  }
}
