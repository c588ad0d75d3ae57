import NetworkAddresses
import TraceModel

/// What became of a frame that must come out nowhere but in its own VLAN.
struct StrayEvidence {
  /// Where it was seen though it must not be.
  enum Escape: Hashable {
    /// In another VLAN.
    case vlan(VLANID)
    /// In the VLAN of its inner tag, which is the only one now.
    case hopped(VLANID)
    /// Without a tag, or with one of priority alone.
    case untagged
    /// Somebody answered for an address that is nobody's there.
    case answered(by: MACAddress)
  }

  let stray: StrayFrame
  let escape: Escape

  /// What escaped of a run's stray frames. The frames that were sent are seen going out, in their own VLAN; a copy comes in.
  static func all(_ context: DiagnosisContext, _ run: VerificationRun) -> [StrayEvidence] {
    run.strays.compactMap { stray in
      escape(of: stray, context).map { StrayEvidence(stray: stray, escape: $0) }
    }
  }

  private static func escape(of stray: StrayFrame, _ context: DiagnosisContext) -> Escape? {
    guard let target = stray.target else { return counted(stray, context) }
    let later = context.observation.sightings.lazy.filter {
      $0.hook == context.parentIn && $0.time >= stray.sent
    }
    if stray.kind == .foreignAddress {
      let answer = later.first {
        $0.frame.advertisedAddress == target && $0.frame.outerTag?.vlanID == stray.pair.from
          && $0.frame.destination == stray.source
      }
      return answer.map { .answered(by: $0.frame.arp?.senderMAC ?? $0.frame.source) }
    }
    let copy = later.first {
      $0.frame.arp?.targetAddress == target && $0.frame.source == stray.source
        && $0.frame.outerTag?.vlanID != stray.pair.from
    }
    return copy.map { place($0.frame.outerTag?.vlanID) }
  }

  /// Whom they are for was made up: any frame for it is a copy, and counters miss none.
  private static func counted(_ stray: StrayFrame, _ context: DiagnosisContext) -> Escape? {
    let copy = context.observation.counters.first {
      $0.hook == context.parentIn && $0.destination == stray.destination && $0.frames > 0
        && $0.vlan != stray.pair.from
    }
    return copy.map { copy in
      guard stray.kind == .doubleTagged, copy.innerVLAN == nil, copy.vlan == stray.pair.to else {
        return place(copy.vlan)
      }
      return .hopped(stray.pair.to)
    }
  }

  private static func place(_ vlan: VLANID?) -> Escape {
    vlan.flatMap { $0.isPriorityTag ? nil : .vlan($0) } ?? .untagged
  }

  /// The id of the cause.
  var cause: String {
    switch escape {
    case .answered: ProxyARPHijack.card.id
    case .untagged: NativeVLANMismatch.card.id
    case .vlan: VLANLeak.card.id
    case .hopped: VLANHopping.card.id
    }
  }

  /// What was seen, in a sentence without its full stop.
  var text: String {
    switch escape {
    case .answered(let mac):
      return
        "\(mac) answered in VLAN \(stray.pair.from) for \(stray.target.map { "\($0)" } ?? "?"), which is in VLAN \(stray.pair.to)"
    case .untagged: return "\(name) of VLAN \(stray.pair.from) came back without its tag"
    case .vlan(let vlan), .hopped(let vlan):
      return "\(name) of VLAN \(stray.pair.from) came out in VLAN \(vlan)"
    }
  }

  private var name: String {
    switch stray.kind {
    case .broadcast: "a broadcast"
    case .group: "a multicast"
    case .unicast: "a unicast frame"
    case .doubleTagged: "a frame with two tags"
    case .foreignAddress: "an ARP request"
    }
  }
}
