public import Netlink
public import NetworkAddresses

/// What a lab is made of, as data: stations on a switch, containers on the hosts' interfaces.
public struct LabSpecification: Sendable {
  /// Put before every namespace's name, so that several labs can stand side by side.
  public var prefix = ""
  /// Hosts and routers. The switch has a port for each, in this order: `port1` is the first one's.
  public var stations: [LabStation]
  /// In the order in which they are made.
  public var containers: [LabContainer] = []
  /// Whether the switch tells VLANs apart (IEEE 802.1Q): then a port carries the VLANs of its own alone.
  public var switchFiltersVLANs = false
  /// Whether the switch sends frames back to the port where they came in (reflective relay).
  public var reflects = false
  /// What is done to the network once it stands.
  public var setup: [LabStep] = []
  /// The switch's own address, where it is the gateway.
  public var switchAddress: IPPrefix?

  /// A network of these stations alone.
  public init(stations: [LabStation]) { self.stations = stations }

  /// The tutorial's first network: docker01 and docker02 on a switch, bbox1 and bbox2 on their `ens33`.
  public init(mode: MacvlanMode = .bridge) {
    self.init(stations: [
      LabStation("docker01", address: "172.22.16.2/24"), LabStation("docker02", address: "172.22.16.3/24"),
    ])
    switchAddress = IPPrefix("172.22.16.1/24")
    add("bbox1", host: 0, "172.22.16.10/24", mode)
    add("bbox2", host: 1, "172.22.16.20/24", .bridge)
  }

  /// Adds a container; an address that is none is left out.
  ///
  /// - Parameters:
  ///   - host: the number of its station.
  ///   - lower: the interface of that station; `nil`: the one that its cable is in.
  ///   - gateway: the router of its default route.
  public mutating func add(
    _ name: String, host: Int, on lower: String? = nil, _ address: String, gateway: String? = nil,
    _ mode: MacvlanMode
  ) {
    guard let prefix = IPPrefix(address), stations.indices.contains(host) else { return }
    containers.append(
      LabContainer(
        name: name, host: host, lower: lower ?? stations[host].interface, address: prefix,
        gateway: gateway.flatMap { IPAddress($0) }, mode: mode))
  }

  static let switchName = "switch"

  /// Every namespace that the lab makes.
  var namespaceNames: [String] {
    ([Self.switchName] + stations.map(\.name) + containers.map(\.name)).map { prefix + $0 }
  }
}
