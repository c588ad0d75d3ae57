import NetworkAddresses
import TraceModel

/// A MAC address of this host that nobody on the wire answers, while the very stations that it asks answer others of this
/// host on the same interface.
struct RefusedAddress {
  /// Whose it is.
  let child: Interface
  /// The address.
  let mac: MACAddress
  /// What it asked for in vain.
  let attempts: [Attempt]
  /// Who was asked by it, and answered another.
  let stations: [IPAddress]
  /// Who was answered by them: the parent, its sub-interface, or other children.
  let answered: [Interface]
  /// Whether those stations get what it sends; `nil` where nothing shows that.
  let isHeard: Bool?
  /// What shows it, in a sentence.
  let hearing: String?

  /// Whether another child, not the parent alone, was answered.
  var hasAnsweredSibling: Bool { answered.contains { $0.kind.isChild } }
}

/// Which of this host's MAC addresses are answered from the wire, and which are not.
struct WireAnswers {
  private let context: DiagnosisContext

  init(_ context: DiagnosisContext) { self.context = context }

  /// Every address that is refused, in the order of the topology.
  ///
  /// Not one unicast frame for it may have come in: who is answered at all has another trouble.
  func refused() -> [RefusedAddress] {
    guard context.parentWorks else { return [] }
    let failures = context.failures.filter { attempt in
      if case .child = attempt.asker { return !context.isLocal(attempt.target) }
      return false
    }
    guard !failures.isEmpty else { return [] }
    return context.topology.children.compactMap { child in
      guard child.kind != .ipvlan, child.mode != .passthru, let mac = child.mac,
        let lower = context.lower(of: child), mac != lower.mac,
        context.topology.children(withMAC: mac).count == 1
      else { return nil }
      let own = failures.filter { $0.asker == .child(child.id) && isAsked(from: mac, $0) }
      guard !own.isEmpty, unicastFrames(to: mac) == 0 else { return nil }
      var stations: Set<IPAddress> = []
      var stationMACs: Set<MACAddress> = []
      var answered: [InterfaceID: Interface] = [:]
      for attempt in own {
        let tag = attempt.unanswered.lazy.compactMap { $0.first(at: context.parentOut) }.first?.frame
          .outerTag?.vlanID
        let asked = Set(attempt.unanswered.compactMap { $0.first(at: context.parentOut)?.frame.destination })
        for answer in answers(from: attempt.target, or: asked, in: tag) {
          guard let owner = owner(of: answer.frame.destination, on: lower), owner.id != child.id,
            isAlike(answer, child)
          else { continue }
          stations.insert(attempt.target)
          stationMACs.insert(answer.frame.source)
          answered[owner.id] = owner
        }
      }
      guard !stations.isEmpty else { return nil }
      let (isHeard, hearing) = hearing(of: child, mac, by: stationMACs)
      // Who is known already and does not answer may have a filter: who asks, or is asked for its MAC address, has none.
      guard isHeard != nil || own.contains(where: { $0.kind == .resolution }) else { return nil }
      return RefusedAddress(
        child: child, mac: mac, attempts: own, stations: stations.sorted(),
        answered: answered.values.sorted { $0.id < $1.id }, isHeard: isHeard, hearing: hearing)
    }
  }

  /// Frames from the wire for one MAC address: exact.
  func unicastFrames(to mac: MACAddress) -> UInt64 {
    context.observation.counters.reduce(0) { sum, counter in
      counter.interface == context.parent.id && counter.direction == .ingress && counter.destination == mac
        && !context.isLocal(counter.source) ? sum + counter.frames : sum
    }
  }

  /// Whether it left the parent, twice or more, under that MAC address.
  private func isAsked(from mac: MACAddress, _ attempt: Attempt) -> Bool {
    attempt.unanswered.count { $0.first(at: context.parentOut)?.frame.source == mac } >= 2
  }

  /// What came in for one station alone from an address, or from a MAC address that it was asked by.
  private func answers(from address: IPAddress, or macs: Set<MACAddress>, in tag: VLANID?) -> [Sighting] {
    context.observation.sightings.filter { sighting in
      let frame = sighting.frame
      return sighting.hook == context.parentIn && !frame.destination.isMulticast
        && !context.isLocal(frame.source)
        && frame.outerTag?.vlanID == tag
        && (frame.sourceAddress == address || frame.advertisedAddress == address
          || macs.contains(frame.source))
    }
  }

  /// Whether who was answered asked from the child's own network, or without an address (RFC 5227): a station need not
  /// answer strangers.
  private func isAlike(_ answer: Sighting, _ child: Interface) -> Bool {
    guard let asker = answer.frame.destinationAddress else { return false }
    return asker.isUnspecified || asker.isLinkLocal || child.addresses.contains { $0.contains(asker) }
  }

  private func owner(of mac: MACAddress, on lower: Interface) -> Interface? {
    if lower.mac == mac { return lower }
    return context.topology.children.first { $0.mac == mac && $0.parent == lower.id }
  }

  /// Whether a station that asks for the child's address hears its answers: who does asks no more.
  private func hearing(of child: Interface, _ mac: MACAddress, by stations: Set<MACAddress>) -> (
    Bool?, String?
  ) {
    struct Question: Hashable {
      var station: MACAddress
      var address: IPAddress
    }
    var asked: [Question: [UInt64]] = [:]
    var answered: [Question: [UInt64]] = [:]
    for sighting in context.observation.sightings {
      let frame = sighting.frame
      if sighting.hook == context.parentIn, let address = frame.solicitedAddress,
        frame.destination.isMulticast,
        child.owns(address), stations.contains(frame.source)
      {
        asked[Question(station: frame.source, address: address), default: []].append(sighting.time)
      } else if sighting.hook == context.parentOut, frame.source == mac, let address = frame.advertisedAddress
      {
        answered[Question(station: frame.destination, address: address), default: []].append(sighting.time)
      }
    }
    var heard: String?
    var unheard: String?
    // One late answer can make one repetition, as can a table that was emptied meanwhile: not two in a row.
    var isSure = false
    for (question, times) in asked.sorted(by: { $0.key.address < $1.key.address }) {
      let replies = answered[question] ?? []
      let settled = times.filter { time in
        replies.contains { $0 >= time && $0 - time < Self.delay }
      }
      let isRepetition = zip(settled, settled.dropFirst()).map {
        $1 - $0 > Self.forgetting && $1 - $0 < Self.repetition
      }
      // Three questions are none that one answer settled.
      if isRepetition.contains(true), settled.count > 2 {
        isSure = isSure || zip(isRepetition, isRepetition.dropFirst()).contains { $0 && $1 }
        unheard =
          unheard
          ?? "\(question.station) asked \(settled.count) times for \(question.address), and was answered each time: it "
          + "does not get what \(child.label) sends"
        continue
      }
      // Who hears nothing gives up after three questions (RFC 4861, MAX_MULTICAST_SOLICIT), and rests: after the last one.
      // After the first of a series it asks again.
      let window = context.observation.window
      let bounds = [window.monotonicStart] + times + [window.monotonicEnd]
      let isHeard = times.indices.contains { index in
        settled.contains(times[index]) && bounds[index] + Self.repetition < times[index]
          && times[index] + Self.repetition < bounds[index + 2]
      }
      if isHeard {
        heard =
          "\(question.station) asked for \(question.address), was answered, and did not ask again: it gets what "
          + "\(child.label) sends"
      }
    }
    switch (heard, unheard) {
    // Who asks for one address again and again and not for the other has reasons of its own.
    case (.some, .some) where isSure: return (nil, nil)
    case (let heard?, _): return (true, heard)
    case (nil, let unheard?): return (false, unheard)
    case (nil, nil): return (nil, nil)
    }
  }

  /// Within which a child answers.
  private static let delay: UInt64 = 200_000_000
  /// Within which a station that hears nothing asks again: a second (RFC 4861, RETRANS_TIMER; ARP's is the same), with room
  /// for a late one.
  private static let repetition: UInt64 = 1_500_000_000
  /// Within which nobody asks again for want of an answer, as that timer is never early, but who was made to forget it.
  private static let forgetting: UInt64 = 900_000_000
}
