public import Netlink
public import NetworkAddresses

/// What a lab is made of: the tutorial's single network, with as much changed as a fault needs.
public struct LabSpecification: Sendable {
  /// A container: a namespace with one macvlan child.
  public struct Container: Sendable {
    /// The namespace's name, without the lab's prefix.
    public var name: String
    /// The host, 0 for docker01 and 1 for docker02.
    public var host: Int
    /// The address of its `eth0`.
    public var address: IPPrefix
    /// How its `eth0` shares the parent.
    public var mode: MacvlanMode
    /// Whether its `eth0` is up.
    public var isUp = true
  }

  /// Put before every namespace's name, so that several labs can stand side by side.
  public var prefix = ""
  /// In the order in which they are made.
  public var containers: [Container]
  /// Whether the switch sends frames back to the port where they came in (reflective relay).
  public var reflects = false
  /// Whether docker01's `ens33` is up.
  public var parentIsUp = true
  /// Whether docker01's port of the switch is up: without it `ens33` has no carrier.
  public var hasCarrier = true
  /// Whether bbox2 leaves echo requests unanswered.
  public var peerIsSilent = false

  static let hostNames = ["docker01", "docker02"]
  static let parentName = "ens33"

  /// The addresses of the hosts' `ens33`, and of the gateway on the switch.
  static func hostAddress(_ host: Int) -> IPPrefix? { IPPrefix("172.22.16.\(2 + host)/24") }
  static var gateway: IPPrefix? { IPPrefix("172.22.16.1/24") }

  /// The tutorial's network: bbox1 on docker01, bbox2 on docker02.
  public init(mode: MacvlanMode = .bridge) {
    containers = []
    add("bbox1", host: 0, "172.22.16.10/24", mode)
    add("bbox2", host: 1, "172.22.16.20/24", .bridge)
  }

  /// Adds a container; an address that is none is left out.
  public mutating func add(_ name: String, host: Int, _ address: String, _ mode: MacvlanMode) {
    guard let prefix = IPPrefix(address) else { return }
    containers.append(Container(name: name, host: host, address: prefix, mode: mode))
  }

  /// Every namespace that the lab makes.
  var namespaceNames: [String] {
    (["switch"] + Self.hostNames + containers.map(\.name)).map { prefix + $0 }
  }
}
