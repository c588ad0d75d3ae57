public import TraceModel

/// What was made of the observations of several hosts.
public struct HostJoinResult: Sendable {
  /// What lies between the hosts, the root cause first.
  public let findings: [Finding]
  /// Of each host by itself, in the order of the observations; without what a finding between hosts explains.
  public let hosts: [DiagnosisResult]
  /// What could not be judged between hosts.
  public let notEvaluated: [NotEvaluated]
  /// What could not be compared, and why.
  public let limitations: [Degradation]
}

extension HostJoinResult {
  /// The report on all of the hosts.
  ///
  /// - Parameter observations: those that were evaluated.
  public func report(of observations: [Observation], command: String) -> JoinedReport {
    let parts = zip(observations, hosts).map {
      Report(
        of: $0, findings: $1.findings, notEvaluated: $1.notEvaluated, explanation: $1.explanation,
        vlanPaths: $1.vlanPaths)
    }
    return JoinedReport(
      parts, command: command, findings: findings, notEvaluated: notEvaluated, limitations: limitations)
  }
}

/// Joins observations of several hosts by the packets that were seen at more than one of them. Pure: no input but the
/// observations, no clock.
///
/// Hosts' clocks differ: nothing is matched by time alone. A packet has the same id on every host.
public enum HostJoin {
  /// Names a limitation of a comparison.
  private static let feature = "comparison"

  /// Evaluates every rule on each host, and those between hosts on each pair.
  public static func evaluate(_ observations: [Observation]) -> HostJoinResult {
    let labels = ObservedHost.labels(observations.map(\.host))
    var limitations: [Degradation] = []
    var views: [HostView] = []
    for (index, observation) in observations.enumerated() {
      if let context = DiagnosisContext(observation) {
        views.append(HostView(context, number: UInt16(clamping: index + 1), label: labels[index]))
      } else {
        limitations.append(
          Degradation(
            feature: feature,
            consequence:
              "\(labels[index]): its parent interface was not observed, and nothing can be compared"))
      }
    }
    var linked: [LinkedFinding] = []
    var notEvaluated: [NotEvaluated] = []
    for (index, first) in views.enumerated() {
      for second in views[(index + 1)...] {
        if let reason = obstacle(first, second) {
          limitations.append(Degradation(feature: feature, consequence: reason))
          continue
        }
        let pair = HostPair(first, second)
        guard !pair.links.isEmpty else {
          limitations.append(Degradation(feature: feature, consequence: unconnected(pair)))
          continue
        }
        for rule in RuleCatalog.hostRules {
          let outcome = rule.evaluate(pair)
          linked += outcome.findings
          notEvaluated += outcome.notEvaluated.map { NotEvaluated(id: rule.card.id, because: $0) }
        }
      }
    }
    let order = RuleCatalog.hostRules.map { $0.card.id }
    linked = order.flatMap { id in linked.filter { $0.finding.id == id } }
    return result(observations, views, labels, linked, notEvaluated, limitations)
  }

  /// Why two observations are not those of two hosts.
  private static func obstacle(_ first: HostView, _ second: HostView) -> String? {
    let (one, other) = (first.context, second.context)
    guard one.observation.host == other.observation.host, one.parent.id == other.parent.id,
      one.parent.mac == other.parent.mac
    else { return nil }
    return "\(first.label) and \(second.label) are one host, observed twice: not compared with each other"
  }

  private static func unconnected(_ pair: HostPair) -> String {
    let (first, second) = (pair.first, pair.second)
    let names = "\(first.label) and \(second.label)"
    return pair.sharedPackets == 0
      ? "no packet was seen at both \(names): whether they were observed at the same time and are on one segment is not "
        + "known, and what happened between them cannot be judged"
      : "\(names): packets were seen at both, but none under one MAC address: nothing shows that they are on one segment, "
        + "and what happened between them cannot be judged"
  }

  /// Takes away what the hosts found by themselves and a finding between them explains.
  private static func result(
    _ observations: [Observation], _ views: [HostView], _ labels: [String], _ linked: [LinkedFinding],
    _ notEvaluated: [NotEvaluated],
    _ limitations: [Degradation]
  ) -> HostJoinResult {
    var linked = linked
    var hosts: [DiagnosisResult] = []
    for (index, observation) in observations.enumerated() {
      let result = Diagnosis.evaluate(observation)
      let findings = result.findings.filter { finding in
        guard let cause = linked.firstIndex(where: { !$0.explains.isDisjoint(with: finding.subjects) }),
          symptoms.contains(finding.id)
            // What one host could only guess, two have seen.
            || finding.confidence < linked[cause].finding.confidence
        else { return true }
        linked[cause].finding.evidence.append(
          Evidence(.state, "\(labels[index]) by itself shows: \(finding.title) (\(finding.id))"))
        return false
      }
      hosts.append(
        DiagnosisResult(
          findings: findings, notEvaluated: result.notEvaluated, explanation: result.explanation,
          vlanPaths: paths(observation, UInt16(clamping: index + 1), views) ?? result.vlanPaths))
    }
    return HostJoinResult(
      findings: linked.map(\.finding), hosts: hosts, notEvaluated: notEvaluated, limitations: limitations)
  }

  /// The ways between one host's VLANs, with what the others saw of them; `nil` where nothing can be added.
  private static func paths(_ observation: Observation, _ number: UInt16, _ views: [HostView]) -> [VLANPath]?
  {
    guard let host = views.first(where: { $0.number == number }) else { return nil }
    let remote = RemoteSightings(of: views.filter { $0.number != number }, by: host)
    guard !remote.topologies.isEmpty else { return nil }
    return observation.verification.flatMap { VerificationJudge(observation, $0, remote)?.paths }
      ?? VLANPathJudge(host.context, remote).paths
  }

  /// Causes that one host can only name as lying beyond it, or of which it knows one end alone.
  private static let symptoms: Set<String> = [
    NeighborUnanswered.card.id, NoReplyFromWire.card.id, MACDuplicateOnSegment.card.id, DuplicateIP.card.id,
  ]
}
