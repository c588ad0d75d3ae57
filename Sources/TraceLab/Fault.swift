import Netlink
import NetworkAddresses

/// A fault that a lab can be built with, and how to see it.
public struct Fault: Sendable {
  /// The id of the cause, or the name of a healthy network.
  public let id: String
  /// One line for `macvtrace lab list`.
  public let title: String
  /// The namespace in which the traffic starts.
  public let from: String
  /// The address that it is for.
  public let to: String
  /// Whether the traffic passes all the same.
  public let passes: Bool
  /// The network.
  public let specification: LabSpecification
  /// What kind of network that is.
  public var topology = LabTopology.flat

  /// The command that shows it.
  public var attempt: [String] { ["ping", "-c", "3", "-i", "0.5", "-W", "1", to] }

  /// The lab's fault of that name.
  public static func named(_ id: String) -> Fault? { all.first { $0.id == id } }

  /// Every fault, and the healthy networks.
  public static let all: [Fault] = faults + healthy

  private static func network(_ change: (inout LabSpecification) -> Void) -> LabSpecification {
    var specification = LabSpecification()
    change(&specification)
    return specification
  }

  /// bbox1 and a third container beside it on docker01.
  private static func siblings(_ first: MacvlanMode, _ second: MacvlanMode) -> LabSpecification {
    network {
      $0.containers[0].mode = first
      $0.add("bbox3", host: 0, "172.22.16.30/24", second)
    }
  }

  private static let faults: [Fault] = [
    Fault(
      id: "host-to-child-bridge", title: "docker01 pings its own container", from: "docker01",
      to: "172.22.16.10",
      passes: false, specification: LabSpecification()),
    Fault(
      id: "host-to-child-private", title: "the same, the child in private mode", from: "docker01",
      to: "172.22.16.10", passes: false, specification: LabSpecification(mode: .private)),
    Fault(
      id: "host-to-child-vepa", title: "the same, the child in VEPA mode", from: "docker01",
      to: "172.22.16.10",
      passes: false, specification: LabSpecification(mode: .vepa)),
    Fault(
      id: "host-to-child-passthru", title: "the same, the child in passthru mode", from: "docker01",
      to: "172.22.16.10", passes: false, specification: LabSpecification(mode: .passthru)),
    Fault(
      id: "host-to-child-source", title: "the same, the child in source mode", from: "docker01",
      to: "172.22.16.10", passes: false, specification: LabSpecification(mode: .source)),
    Fault(
      id: "source-mac-not-listed", title: "bbox2 pings bbox1, in source mode and with an empty list",
      from: "bbox2", to: "172.22.16.10", passes: false, specification: LabSpecification(mode: .source)),
    Fault(
      id: "child-to-host-bridge", title: "the container pings its own host", from: "bbox1", to: "172.22.16.2",
      passes: false, specification: LabSpecification()),
    Fault(
      id: "private-sibling-isolation", title: "two containers of one host, both in private mode",
      from: "bbox1",
      to: "172.22.16.30", passes: false, specification: siblings(.private, .private)),
    Fault(
      id: "vepa-no-reflective-relay", title: "two containers of one host in VEPA mode on an ordinary switch",
      from: "bbox1", to: "172.22.16.30", passes: false, specification: siblings(.vepa, .vepa)),
    Fault(
      id: "sibling-mode-mismatch", title: "two containers of one host, one in bridge and one in VEPA mode",
      from: "bbox1", to: "172.22.16.30", passes: false, specification: siblings(.bridge, .vepa)),
    Fault(
      id: "child-down", title: "docker02 pings bbox1, whose interface is down", from: "docker02",
      to: "172.22.16.10", passes: false, specification: network { $0.containers[0].isUp = false }),
    Fault(
      id: "parent-down", title: "docker01's ens33 is down", from: "bbox1", to: "172.22.16.20", passes: false,
      specification: network { $0.stations[0].isUp = false }),
    Fault(
      id: "parent-no-carrier", title: "docker01's switch port is down", from: "bbox1", to: "172.22.16.20",
      passes: false, specification: network { $0.stations[0].port.isUp = false }),
    Fault(
      id: "neighbor-unanswered", title: "bbox1 pings an address that nobody has", from: "bbox1",
      to: "172.22.16.99", passes: false, specification: LabSpecification()),
    Fault(
      id: "no-reply-from-wire", title: "bbox2 does not answer pings", from: "bbox1", to: "172.22.16.20",
      passes: false, specification: network { $0.containers[1].isSilent = true }),
  ]

  private static let healthy: [Fault] = [
    Fault(
      id: "healthy", title: "two containers on two hosts", from: "bbox1", to: "172.22.16.20", passes: true,
      specification: LabSpecification()),
    Fault(
      id: "healthy-siblings", title: "two containers of one host in bridge mode", from: "bbox1",
      to: "172.22.16.30", passes: true, specification: siblings(.bridge, .bridge)),
    Fault(
      id: "healthy-host", title: "the two hosts", from: "docker01", to: "172.22.16.3", passes: true,
      specification: LabSpecification()),
    Fault(
      id: "healthy-reflecting", title: "docker01 pings its own container through a reflecting switch port",
      from: "docker01", to: "172.22.16.10", passes: true, specification: network { $0.reflects = true }),
    Fault(
      id: "healthy-reflecting-vepa", title: "the same, the child in VEPA mode", from: "docker01",
      to: "172.22.16.10", passes: true,
      specification: network {
        $0.reflects = true
        $0.containers[0].mode = .vepa
      }),
    Fault(
      id: "healthy-vlan", title: "two containers in VLAN 10 on two hosts", from: "bbox10", to: "172.16.10.11",
      passes: true, specification: LabTopology.vlan.specification, topology: .vlan),
    Fault(
      id: "healthy-routed", title: "bbox10 in VLAN 10 pings bbox20 in VLAN 20 through the router",
      from: "bbox10", to: "172.16.20.20", passes: true, specification: LabTopology.vlan.specification,
      topology: .vlan),
    Fault(
      id: "healthy-routed-one-host", title: "the same with bbox21, which is on bbox10's own host",
      from: "bbox10", to: "172.16.20.21", passes: true, specification: LabTopology.vlan.specification,
      topology: .vlan),
  ]
}
