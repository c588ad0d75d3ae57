import NetworkAddresses
import TraceModel

/// What a parent that cannot carry frames means for its children.
enum ParentState {
  /// One finding: proven when frames were seen dying, likely by the state alone. Nothing without children that are up.
  static func findings<R: Rule>(
    _ rule: R.Type, _ context: DiagnosisContext, title: String, state: String, fixes: [Fix]
  ) -> [Finding] {
    let children = context.topology.children.filter(\.up)
    let isSender = context.downSender?.id == context.parent.id
    let asked = context.parentAskedInVain
    guard !children.isEmpty || isSender || asked != nil else { return [] }
    let dead = context.trajectories.filter { trajectory in
      guard let first = trajectory.sightings.first, first.hook.direction == .egress else { return false }
      return context.isChild(first.hook.interface) && !trajectory.passed(context.parentOut)
        && context.sees(context.parentOut, from: trajectory.start)
        && !trajectory.sightings.contains { $0.hook.direction == .ingress }
    }
    let drops = context.observation.drops.filter { drop in drop.interface.map(context.isChild) ?? false }
    var evidence = [
      Evidence(.state, children.isEmpty ? state : "\(state); \(children.count) of its children are up")
    ]
    if let asked {
      evidence.append(
        Evidence(
          .trajectory,
          "\(context.parent.label) has \(asked), by which a probe was to go, and which did not answer"))
    }
    if !dead.isEmpty {
      evidence.append(
        Evidence(
          .trajectory,
          "\(dead.count) frames of its children were sent and never left \(context.parent.name)"))
    }
    let reasons = Set(drops.compactMap(\.reason)).sorted()
    if !reasons.isEmpty {
      evidence.append(
        Evidence(.drop, "\(drops.count) buffers freed at its children: \(reasons.joined(separator: ", "))"))
    }
    if isSender { evidence += context.downSenderEvidence }
    let isProven = !dead.isEmpty || !drops.isEmpty || isSender || asked != nil
    if !isProven { evidence.append(Evidence(.state, "missing for proof: no child tried to send meanwhile")) }
    return [
      R.finding(
        isProven ? .proven : .likely, title: title,
        subjects: [context.parent.id.description] + children.map(\.id.description), evidence: evidence,
        fixes: fixes)
    ]
  }
}
