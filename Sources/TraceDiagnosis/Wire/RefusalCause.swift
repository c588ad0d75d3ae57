import NetworkAddresses
import TraceModel

/// Why the wire refuses a MAC address: the cause that the evidence favours.
enum RefusalCause {
  case wifi, cloud(String), hyperV, promiscuous, forged, virtualFunction, cardFilter, authentication,
    portSecurity

  /// The cause for an address; `nil` where nothing more is known than that nobody answers.
  static func favoured(_ refused: RefusedAddress, _ context: DiagnosisContext) -> (RefusalCause, Confidence)?
  {
    let hardware = context.observation.hardware
    // One station could filter by itself, but for one that asks and does not get the answers.
    let several: Confidence = refused.stations.count > 1 || refused.isHeard == false ? .proven : .likely
    if hardware?.isWireless == true {
      return refused.hasAnsweredSibling ? nil : (.wifi, several)
    }
    if hardware?.isVirtualFunction == true || hardware?.driver.map(isVirtualFunctionDriver) == true {
      return (.virtualFunction, .likely)
    }
    let platform = Platform(hardware)
    // A filter by policy passes one address or all: where some children's pass, it is a limit.
    if !refused.hasAnsweredSibling {
      switch platform {
      case .cloud(let name): return (.cloud(name), .likely)
      case .hyperV: return (.hyperV, .likely)
      case .vmware, .virtualBox:
        switch refused.isHeard {
        case true?: return (.promiscuous, .likely)
        case false?: return (.forged, .likely)
        case nil: return (.promiscuous, .possible)
        }
      case .otherHypervisor:
        switch refused.isHeard {
        case true?: return (.promiscuous, .likely)
        case false?: return (.forged, .likely)
        case nil: return (.forged, .possible)
        }
      case .physical, .software: break
      }
    }
    if refused.isHeard == true {
      // What is asked for and not heard back was lost on its way in.
      let canFilter = platform != .software && context.parent.promiscuity == 0 && !context.parent.promiscuous
      return canFilter ? (.cardFilter, .likely) : nil
    }
    if !refused.hasAnsweredSibling, Self.authenticationFrames(context) > 0 {
      return (.authentication, .likely)
    }
    return (.portSecurity, several)
  }

  /// Drivers of virtual functions alone.
  private static func isVirtualFunctionDriver(_ name: String) -> Bool {
    name == "iavf" || name == "i40evf" || name.hasSuffix("vf") || name.hasSuffix("_vf")
  }

  /// Frames of IEEE 802.1X (the port access entity's group address) either way at the parent.
  static func authenticationFrames(_ context: DiagnosisContext) -> UInt64 {
    context.observation.counters.reduce(0) { sum, counter in
      counter.interface == context.parent.id && counter.destination == LinkLocalGroup.portAccessEntity
        ? sum + counter.frames : sum
    }
  }
}

/// Group addresses that no bridge forwards (IEEE 802.1Q, 8.6.3).
enum LinkLocalGroup {
  /// Bridge protocol data units.
  static let bridge = MACAddress(rawValue: 0x0180_c200_0000)
  /// IEEE 802.1X.
  static let portAccessEntity = MACAddress(rawValue: 0x0180_c200_0003)
  /// BPDUs of Cisco's Per-VLAN Spanning Tree.
  static let perVLANBridge = MACAddress(rawValue: 0x0100_0ccc_cccd)

  /// Whether a switch port that forwards nothing still sends frames for that address.
  static func isSpoken(byBlocked mac: MACAddress) -> Bool {
    mac.rawValue & ~0xf == 0x0180_c200_0000 || mac == perVLANBridge || mac.rawValue == 0x0100_0ccc_cccc
  }
}
