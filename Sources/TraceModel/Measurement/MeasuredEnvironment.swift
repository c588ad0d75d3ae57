/// An interface on the path, as far as it decides what is measured.
public struct MeasuredInterface: Hashable, Codable, Sendable {
  /// `eth0 in bbox1`.
  public var label: String
  /// `macvlan`, `veth`; what `ip -d link` calls it.
  public var kind: String
  /// In octets.
  public var mtu: Int
  /// Its offloads that are on, as `ethtool -k` names them.
  public var offloads: [String]
  /// Other people's programs that are attached there.
  public var programs: [String]

  /// Describes an interface.
  public init(label: String, kind: String, mtu: Int, offloads: [String], programs: [String]) {
    self.label = label
    self.kind = kind
    self.mtu = mtu
    self.offloads = offloads
    self.programs = programs
  }
}

/// The machine on which was measured.
public struct MeasuredEnvironment: Hashable, Codable, Sendable {
  /// The processor's name.
  public var processor: String
  /// CPUs that are online.
  public var cpus: Int
  /// The load average of the last minute when the measurement began: others that work meanwhile make it noisy.
  public var load: Double
  /// The interfaces on the path.
  public var interfaces: [MeasuredInterface]

  /// Describes a machine.
  public init(processor: String, cpus: Int, load: Double, interfaces: [MeasuredInterface] = []) {
    self.processor = processor
    self.cpus = cpus
    self.load = load
    self.interfaces = interfaces
  }
}
