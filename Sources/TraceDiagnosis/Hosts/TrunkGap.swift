import NetworkAddresses
import TraceModel

/// A VLAN that the network does not carry from one parent to another, though both have it: what was asked in it left the one
/// and never came in at the other, while frames of other VLANs did.
struct TrunkGap {
  let from: DiagnosisContext
  let to: DiagnosisContext
  /// What the two parents are called where the finding is read.
  let names: (from: String, to: String)
  /// The id of one of the first parent's interfaces, and of the second one's, there.
  let ids: (from: (Interface) -> String, to: (Interface) -> String)
  /// Why a frame that left in an attempt may have come in all the same; `nil` while not seen means not there.
  let doubt: (Sighting, Attempt) -> String?

  /// What came of one attempt: a finding, or why there is none although nothing was seen at the other end.
  struct Outcome {
    let attempt: Attempt
    var finding: Finding?
    var doubt: String?
  }

  /// Those of some of these, each VLAN once.
  static func outcomes(_ gaps: [TrunkGap]) -> [Outcome] {
    var told: Set<VLANID> = []
    return gaps.flatMap { gap in
      let arrived = Set(gap.to.arrivals.map(\.packetID))
      return TaggedAttempt.all(gap.from).compactMap { one in
        gap.outcome(one, arrived).flatMap { told.insert(one.id).inserted ? $0 : nil }
      }
    }
  }

  /// - Parameter arrived: the packets that came in at the other parent.
  private func outcome(_ one: TaggedAttempt, _ arrived: Set<UInt64>) -> Outcome? {
    let sent = one.attempt.unanswered.compactMap { $0.first(at: from.parentOut) }.filter { out in
      // A switch passes what is for everybody to every port of the VLAN.
      out.frame.outerTag?.vlanID == one.id && out.frame.destination.isMulticast
        && to.subinterface(of: out.frame.outerTag)?.up == true
    }
    guard !sent.isEmpty, sent.allSatisfy({ !arrived.contains($0.packetID) }) else { return nil }
    let others = Set(
      from.observation.sightings.lazy.filter {
        $0.hook == from.parentOut && $0.frame.outerTag?.vlanID != one.id && arrived.contains($0.packetID)
      }.map(\.packetID))
    guard !others.isEmpty else { return nil }
    let doubts = sent.compactMap { doubt($0, one.attempt) }
    let missing = sent.count - doubts.count
    guard missing > 0 else { return Outcome(attempt: one.attempt, doubt: doubts.first) }
    let what = (missing < one.attempt.unanswered.count ? "\(missing) of " : "") + one.attempt.summary
    let finding = VLANMissingOnTrunk.finding(
      .proven, title: "VLAN \(one.id) is not carried between \(names.from) and \(names.to)",
      subjects: [ids.from(one.vlan), ids.from(from.parent), ids.to(to.parent)],
      evidence: [
        Evidence(
          .trajectory,
          "\(what) left \(names.from) with the tag of VLAN \(one.id), for everybody; none came in at \(names.to)"
        ),
        Evidence(
          .trajectory,
          "\(others.count) packets with another tag, or none, came from \(names.from) to \(names.to)"),
        Evidence(
          .state, "\(one.vlan.label) is up, and so is an interface of VLAN \(one.id) on \(names.to)"),
      ],
      fixes: [
        Fix(
          "Allow VLAN \(one.id), tagged, on \(port(one.id)); on a Linux bridge: "
            + "`bridge vlan add dev PORT vid \(one.id)`.")
      ])
    return Outcome(attempt: one.attempt, finding: finding)
  }

  /// The switch port that lacks the VLAN: not one by which frames of it come in from elsewhere.
  private func port(_ vlan: VLANID) -> String {
    let silent = [(from, names.from), (to, names.to)].filter { TaggedAttempt.heard(vlan, $0.0) == 0 }.map(\.1)
    return silent.count == 1
      ? "the switch port that \(silent[0]) hangs on, and on every one behind it"
      : "each switch port between \(names.from) and \(names.to)"
  }
}

extension TrunkGap {
  /// Between the parent of a probe that failed and another parent of the machine, in either direction.
  static func findings(_ near: Observation, _ far: Observation) -> [Finding] {
    guard near.probeRun?.works == false, let near = DiagnosisContext(near), let far = DiagnosisContext(far)
    else { return [] }
    let id = { (interface: Interface) in interface.id.description }
    let gap = { (from: DiagnosisContext, to: DiagnosisContext) in
      let heard = to.heard
      return TrunkGap(from: from, to: to, names: (from.parent.label, to.parent.label), ids: (id, id)) {
        sent, attempt in
        heard?.contains(sent.time) == true
          ? to.gap(at: [to.parentIn], [attempt]) : "\(to.parent.label) may not have been watched then"
      }
    }
    return outcomes([gap(near, far), gap(far, near)]).compactMap(\.finding)
  }
}
