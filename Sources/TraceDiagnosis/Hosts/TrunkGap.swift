import NetworkAddresses
import TraceModel

/// A VLAN that the network does not carry from one parent of this machine to another, though both have it: what was asked in
/// it left the one and never came in at the other, while frames of other VLANs did.
struct TrunkGap {
  private let from: DiagnosisContext
  private let to: DiagnosisContext

  /// Those of a probe that failed, in either direction, each VLAN once.
  static func findings(_ near: Observation, _ far: Observation) -> [Finding] {
    guard near.probeRun?.works == false, let near = DiagnosisContext(near), let far = DiagnosisContext(far)
    else { return [] }
    var told: Set<VLANID> = []
    return [TrunkGap(from: near, to: far), TrunkGap(from: far, to: near)].flatMap { gap in
      TaggedAttempt.all(gap.from).compactMap { one in
        gap.finding(one).flatMap { told.insert(one.id).inserted ? $0 : nil }
      }
    }
  }

  private func finding(_ one: TaggedAttempt) -> Finding? {
    let tries = one.attempt.unanswered.filter { attempt in
      guard let out = attempt.first(at: from.parentOut) else { return false }
      // A switch passes what is for everybody to every port of the VLAN.
      return out.frame.outerTag?.vlanID == one.id && out.frame.destination.isMulticast
        && to.subinterface(of: out.frame.outerTag)?.up == true
    }
    let arrived = Set(to.observation.sightings.lazy.filter { $0.hook == to.parentIn }.map(\.packetID))
    guard !tries.isEmpty, tries.allSatisfy({ !arrived.contains($0.packetID) }) else { return nil }
    let others = Set(
      from.observation.sightings.lazy.filter {
        $0.hook == from.parentOut && $0.frame.outerTag?.vlanID != one.id && arrived.contains($0.packetID)
      }.map(\.packetID))
    guard !others.isEmpty else { return nil }
    let gap = to.gap(at: [to.parentIn], [one.attempt])
    let names = (from.parent.label, to.parent.label)
    let evidence = [
      Evidence(
        .trajectory,
        "\(one.attempt.summary) left \(names.0) with the tag of VLAN \(one.id), for everybody; none came in at \(names.1)"
      ),
      Evidence(
        .trajectory, "\(others.count) packets with another tag, or none, came from \(names.0) to \(names.1)"),
      Evidence(.state, "\(one.vlan.label) is up, and so is an interface of VLAN \(one.id) on \(names.1)"),
      gap.map { Evidence(.counter, "missing for proof: \($0)") },
    ].compactMap(\.self)
    return VLANMissingOnTrunk.finding(
      gap == nil ? .proven : .likely,
      title: "VLAN \(one.id) is not carried between \(names.0) and \(names.1)",
      subjects: [one.vlan.id.description, from.parent.id.description, to.parent.id.description],
      evidence: evidence,
      fixes: [
        Fix(
          "Allow VLAN \(one.id), tagged, on \(port(one.id)); on a Linux bridge: "
            + "`bridge vlan add dev PORT vid \(one.id)`.")
      ])
  }

  /// The switch port that lacks the VLAN: not one by which frames of it come in from elsewhere.
  private func port(_ vlan: VLANID) -> String {
    let silent = [from, to].filter { TaggedAttempt.heard(vlan, $0) == 0 }.map(\.parent.label)
    guard silent.count == 1 else {
      return "each switch port between \(from.parent.label) and \(to.parent.label)"
    }
    return "the switch port that \(silent[0]) hangs on, and on every one behind it"
  }
}
