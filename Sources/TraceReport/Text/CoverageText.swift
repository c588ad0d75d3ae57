import TraceModel

/// How much of what happened a report has seen: what was lost, could not be looked at, or was not judged.
enum CoverageText {
  static func lines(of report: Report, width: Int) -> [TextLine] {
    let removals = removals(of: report)
    var items =
      [counting(report.loss, isWhole: report.blindHooks.isEmpty)] + folding(report.foldedCounters) + removals
      + recording(report.loss)
    items += report.degradations.map { Item(.notice, "\($0.feature): \($0.consequence)") }
    items += notEvaluated(report.notEvaluated)
    return items.flatMap { wrap(TextLine("· ", $0.ink), $0.text, width: width) }
  }

  /// What several machines' observations could not be compared in; what is about one of them stands with that one.
  static func lines(of joined: JoinedReport, width: Int) -> [TextLine] {
    let items =
      [
        Item(
          .dim,
          "Times of different hosts are on different clocks: only what both saw of one packet was compared, and no "
            + "latency between hosts follows from it.")
      ] + joined.limitations.map { Item(.notice, "\($0.feature): \($0.consequence)") }
      + notEvaluated(joined.notEvaluated)
    return items.flatMap { wrap(TextLine("· ", $0.ink), $0.text, width: width) }
  }

  /// What could not be recorded, in one short line; `nil` when nothing is missing.
  static func summary(of loss: Loss) -> TextLine? {
    var parts: [String] = []
    if loss.sightingsDropped > 0 {
      parts.append(Quantity.count(loss.sightingsDropped, "record") + " missing")
    }
    if loss.counterKeysOverflowed > 0 {
      parts.append(Quantity.count(loss.counterKeysOverflowed, "frame") + " counted without their addresses")
    }
    return parts.isEmpty ? nil : TextLine("! " + parts.joined(separator: ", "), .notice)
  }

  private struct Item {
    var ink: Ink
    var text: String

    init(_ ink: Ink, _ text: String) {
      self.ink = ink
      self.text = text
    }
  }

  private static func counting(_ loss: Loss, isWhole: Bool) -> Item {
    guard loss.counterKeysOverflowed > 0 else {
      return isWhole
        ? Item(.good, "Counters are exact: every frame at every hook was counted.")
        : Item(.notice, "Counters are exact but for the hooks named below, which did not see every frame.")
    }
    let frames = Quantity.count(loss.counterKeysOverflowed, "frame")
    let bytes = Quantity.count(loss.counterBytesOverflowed, "byte")
    return Item(
      .notice,
      "\(frames) (\(bytes)) found no room in the counting table: counted per interface, but not by address, and "
        + "so not in the tables above.")
  }

  /// Removals that are told one by one.
  private static let removalLimit = 10

  /// The hooks that were lost on the way; those that were never there are degradations.
  private static func removals(of report: Report) -> [Item] {
    let removed = report.blindHooks.filter { $0.since > 0 }
    var items = removed.prefix(removalLimit).map { blind in
      let start = report.window.monotonicStart
      let seconds = blind.since > start ? Double(blind.since - start) / 1e9 : 0
      return Item(
        .bad,
        blind.reason.prefix(1).uppercased() + blind.reason.dropFirst()
          + ": frames that passed there from \(Quantity.decimal(seconds)) s on are missing, also in the counters."
      )
    }
    if removed.count > items.count {
      items.append(
        Item(.bad, "The same at \(Quantity.count(UInt64(removed.count - items.count), "more hook"))."))
    }
    return items
  }

  private static func folding(_ folded: FoldedCounters) -> [Item] {
    guard folded.interfaces > 0 else { return [] }
    let interfaces = Quantity.count(folded.interfaces, "interface")
    let frames = Quantity.count(folded.frames, "frame")
    let bytes = Quantity.count(folded.bytes, "byte")
    return [
      Item(
        .notice,
        "\(interfaces) that left first: \(frames) (\(bytes)) in one sum, at their hooks and under their addresses at "
          + "others, and so not in the tables above.")
    ]
  }

  private static func recording(_ loss: Loss) -> [Item] {
    var items: [Item] = []
    if loss.ringFull > 0 {
      items.append(
        Item(
          .notice, "\(Quantity.count(loss.ringFull, "record")) could not be made: the ring buffer was full."))
    }
    let overBudget = loss.overBudget.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    if !overBudget.isEmpty {
      let classes = overBudget.map { "\(Quantity.exact($0.value)) of class \($0.key)" }.joined(
        separator: ", ")
      items.append(Item(.notice, "Over the budget of records per second, and so not recorded: \(classes)."))
    }
    if loss.malformedRecords > 0 {
      items.append(Item(.notice, "\(Quantity.count(loss.malformedRecords, "record")) refused as malformed."))
    }
    if loss.forgotten > 0 {
      items.append(
        Item(
          .notice,
          "\(Quantity.count(loss.forgotten, "record")) given up for later ones, ordinary frames first: memory is bounded."
        ))
    }
    if loss.missedRuns > 0 {
      items.append(
        Item(
          .notice,
          "\(Quantity.count(loss.missedRuns, "drop or neighbor event")) left out by the kernel: another was being recorded on that CPU."
        ))
    }
    if loss.unknownHook > 0 {
      items.append(
        Item(
          .notice, "\(Quantity.count(loss.unknownHook, "frame")) at an interface that was not being observed."
        ))
    }
    if loss.explainingFramesLost > 0 {
      items.append(
        Item(
          .bad,
          "\(Quantity.count(loss.explainingFramesLost, "ARP, ND or ICMP frame")) among the missing: what was not "
            + "seen may have been there all the same."))
    } else if loss.sightingsDropped > 0 {
      items.append(
        Item(.good, "No ARP, ND or ICMP frame is missing: of those, what was not seen was not there."))
    }
    return items
  }

  private static func notEvaluated(_ rules: [NotEvaluated]) -> [Item] {
    var reasons: [String] = []
    var ids: [String: [String]] = [:]
    for rule in rules {
      if ids[rule.because] == nil { reasons.append(rule.because) }
      ids[rule.because, default: []].append(rule.id)
    }
    return reasons.map { Item(.dim, "Not judged: \((ids[$0] ?? []).joined(separator: ", ")) (\($0)).") }
  }
}
