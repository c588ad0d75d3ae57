import NetworkAddresses
import TraceModel

/// Who said to have an address, as far as it was seen at the parent and at its children.
struct AddressClaims {
  /// One answer to a question for a MAC address, or an announcement.
  struct Claim {
    var address: IPAddress
    var mac: MACAddress
    /// Whom it answers; `nil` for an announcement.
    var asker: IPAddress?
    /// The VLAN: the same address in another one is another's.
    var vlan: VLANID?
    var time: UInt64
    /// Whether it came in from beyond this host.
    var isFromWire: Bool
  }

  private(set) var claims: [Claim] = []

  init() {}

  init(_ context: DiagnosisContext) {
    claims = context.observation.sightings.compactMap { sighting in
      guard let (address, mac, asker) = Self.said(sighting.frame) else { return nil }
      let interface = context.interface(sighting.hook.interface)
      let isParent = sighting.hook == context.parentIn
      guard isParent || sighting.hook.direction == .egress, let interface else { return nil }
      let vlan =
        isParent ? sighting.frame.outerTag?.vlanID : interface.vlan ?? sighting.frame.outerTag?.vlanID
      return Claim(
        address: address, mac: mac, asker: asker, vlan: vlan, time: sighting.time,
        isFromWire: isParent && !context.isLocal(sighting.frame.source))
    }
  }

  private static func said(_ frame: Frame) -> (IPAddress, MACAddress, IPAddress?)? {
    if let arp = frame.arp {
      guard !arp.senderAddress.isUnspecified else { return nil }
      return (arp.senderAddress, arp.senderMAC, arp.operation == 2 ? arp.targetAddress : nil)
    }
    guard let address = frame.advertisedAddress, let ip = frame.ip else { return nil }
    return (address, frame.source, ip.destination.isMulticast ? nil : ip.destination)
  }

  /// Two that answered the same asker for the same address within a second.
  var rivals: [(first: Claim, second: Claim)] {
    var found: [(Claim, Claim)] = []
    let answers = Dictionary(grouping: claims.filter { $0.asker != nil }) { claim in
      "\(claim.address) \(claim.asker?.description ?? "") \(claim.vlan?.description ?? "")"
    }
    for group in answers.values {
      guard let first = group.first else { continue }
      let pair = group.first { other in
        other.mac != first.mac
          && group.contains {
            $0.mac == first.mac && max($0.time, other.time) - min($0.time, other.time) <= 1_000_000_000
          }
      }
      if let pair, !found.contains(where: { $0.0.address == first.address && $0.0.vlan == first.vlan }) {
        found.append((first, pair))
      }
    }
    return found.sorted { $0.0.time < $1.0.time }
  }

  /// The MAC address that somebody beyond this host last said to have an address at.
  func onWire(_ address: IPAddress) -> MACAddress? {
    claims.last { $0.isFromWire && $0.address == address }?.mac
  }
}
