/// The reports on several machines, joined.
public struct JoinedReport: Hashable, Sendable {
  /// One document of the form that each of the reports has.
  ///
  /// Ids of interfaces begin with the machine's number in `hosts`. What is about one machine says so: the titles of its
  /// findings, its degradations. `host` names all of them; `window` is the longest, as there is no common clock.
  public let whole: Report
  /// Those of each machine alone, in the order of their numbers, which begin with 1.
  public let parts: [Report]
  /// What could not be compared, and why.
  public let limitations: [Degradation]
  /// The causes between machines that could not be judged.
  public let notEvaluated: [NotEvaluated]

  /// Joins reports.
  ///
  /// - Parameter findings: what was found between the machines: before all others.
  public init(
    _ parts: [Report], command: String, findings: [Finding], notEvaluated: [NotEvaluated],
    limitations: [Degradation]
  ) {
    self.parts = parts
    self.limitations = limitations
    self.notEvaluated = notEvaluated
    whole = Report(
      joining: parts, command: command, findings: findings, notEvaluated: notEvaluated,
      degradations: limitations)
  }
}

extension Report {
  fileprivate init(
    joining reports: [Report], command: String, findings: [Finding], notEvaluated: [NotEvaluated],
    degradations: [Degradation]
  ) {
    let labels = ObservedHost.labels(reports.map(\.host))
    let longest = reports.max { $0.window.seconds < $1.window.seconds }?.window
    var kernels: [String] = []
    for report in reports where !kernels.contains(report.host.kernel) { kernels.append(report.host.kernel) }
    self.init(
      tool: ToolInformation(version: reports.first?.tool.version ?? "", command: command),
      host: HostInformation(name: labels.joined(separator: ", "), kernel: kernels.joined(separator: ", ")),
      window: ObservationWindow(
        start: longest?.start ?? "", end: longest?.end ?? "", seconds: longest?.seconds ?? 0))
    self.findings = findings
    self.notEvaluated = notEvaluated
    self.degradations = degradations
    hosts = []
    for (index, report) in reports.enumerated() {
      let number = UInt16(clamping: index + 1)
      append(report.numbered(number), number, labels[index])
      hosts?.append(ObservedHost(number: number, label: labels[index], of: report))
    }
    // What one host did not see, another may have.
    let seen = Set(vlanPaths.filter { $0.verdict != .unobserved }.map { VLANPair($0.from, $0.to) })
    vlanPaths.removeAll { $0.verdict == .unobserved && seen.contains(VLANPair($0.from, $0.to)) }
  }

  private mutating func append(_ report: Report, _ number: UInt16, _ label: String) {
    interfaces += report.interfaces
    counters += report.counters
    foldedCounters.interfaces &+= report.foldedCounters.interfaces
    foldedCounters.frames &+= report.foldedCounters.frames
    foldedCounters.bytes &+= report.foldedCounters.bytes
    findings += report.findings.map { finding in
      var finding = finding
      finding.title = "\(label): \(finding.title)"
      return finding
    }
    vlanPaths += report.vlanPaths
    changes += report.changes
    vlans += report.vlans
    otherPrograms += report.otherPrograms
    blindHooks += report.blindHooks
    loss.add(report.loss)
    degradations += report.degradations.map {
      Degradation(feature: "\(label): \($0.feature)", consequence: $0.consequence)
    }
    notEvaluated += report.notEvaluated.map { NotEvaluated(id: $0.id, because: "\(label): \($0.because)") }
  }

  /// The same with the machine's number in every id of an interface.
  private func numbered(_ number: UInt16) -> Report {
    var report = self
    for index in report.interfaces.indices {
      report.interfaces[index].id = report.interfaces[index].id.on(host: number)
      report.interfaces[index].parent = report.interfaces[index].parent?.on(host: number)
      report.interfaces[index].master = report.interfaces[index].master?.on(host: number)
    }
    for index in report.counters.indices {
      report.counters[index].interface = report.counters[index].interface.on(host: number)
    }
    for index in report.findings.indices {
      report.findings[index].subjects = report.findings[index].subjects.map { subject in
        InterfaceID(subject).map { $0.on(host: number).description } ?? subject
      }
    }
    for index in report.changes.indices {
      report.changes[index].interface = report.changes[index].interface.on(host: number)
    }
    for index in report.vlans.indices {
      report.vlans[index].interface = report.vlans[index].interface.on(host: number)
      report.vlans[index].device = report.vlans[index].device?.on(host: number)
    }
    for index in report.otherPrograms.indices {
      report.otherPrograms[index].interface = report.otherPrograms[index].interface.on(host: number)
    }
    for index in report.blindHooks.indices {
      report.blindHooks[index].hook.interface = report.blindHooks[index].hook.interface.on(host: number)
    }
    return report
  }
}

extension Loss {
  /// Adds what another machine lost.
  mutating func add(_ other: Loss) {
    for field: WritableKeyPath<Loss, UInt64> in [
      \.sightingsDropped, \.counterKeysOverflowed, \.counterBytesOverflowed, \.ringFull,
      \.explainingFramesLost,
      \.malformedRecords, \.forgotten, \.missedRuns, \.sampledOut, \.unknownHook, \.changesForgotten,
    ] {
      self[keyPath: field] &+= other[keyPath: field]
    }
    overBudget.merge(other.overBudget) { $0 &+ $1 }
  }
}
