public import NetworkAddresses

/// How the ways between VLANs were verified, for a report.
public struct VerificationSummary: Hashable, Codable, Sendable {
  /// Whether nothing was sent.
  public var isPassive: Bool
  /// The VLANs that were asked for.
  public var vlans: [VLANID]
  /// Who sent and heard.
  public var stations: [VLANStation]
  /// Packets that were sent to be answered, or to be stopped.
  public var probes: Int
  /// Frames that were sent to show that none leaks.
  public var strays: Int
  /// Pairs between which nothing could be tried, and why.
  public var omissions: [VLANOmission]

  /// Sums a run up.
  public init(_ run: VerificationRun) {
    isPassive = run.isPassive
    vlans = run.vlans
    let used = run.exchanges.flatMap { [$0.run.from.interface, $0.run.to.interface] }
    stations = run.stations.filter { $0.interface == nil || used.contains($0.interface) }
    probes = run.exchanges.reduce(0) { $0 + $1.run.probes.count }
    strays = run.strays.reduce(0) { $0 + $1.count }
    omissions = run.omissions
  }

  private enum CodingKeys: String, CodingKey {
    case isPassive = "passive"
    case vlans, stations, probes
    case strays = "stray_frames"
    case omissions
  }
}
