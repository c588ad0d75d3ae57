import NetworkAddresses
import TraceModel

/// The tutorial's host: `ens33` with two Docker containers on it, and a host that cannot reach them.
enum Sample {
  static let host: UInt64 = 4_026_531_840
  static let parentID = InterfaceID(namespace: host, ifindex: 7)
  static let firstID = InterfaceID(namespace: 4_026_532_201, ifindex: 12)
  static let secondID = InterfaceID(namespace: 4_026_532_290, ifindex: 13)
  static let parentMAC = MACAddress(rawValue: 0x0200_0000_0002)
  static let firstMAC = MACAddress(rawValue: 0x0242_ac10_100a)
  static let secondMAC = MACAddress(rawValue: 0x0242_ac10_1014)
  static let outsideMAC = MACAddress(rawValue: 0x0200_0000_0001)

  static let tool = ToolInformation(version: "0.1.0", command: "attach")
  static let machine = HostInformation(name: "docker01", kernel: "6.1.0")

  static func parent() -> Interface {
    var interface = Interface(
      id: parentID, name: "ens33", namespace: "host", kind: .parent, mac: parentMAC)
    interface.addresses = [IPPrefix("172.22.16.2/24"), IPPrefix("fe80::ff:fe00:2/64")].compactMap(\.self)
    interface.up = true
    interface.carrier = true
    interface.mtu = 1500
    return interface
  }

  static func child(
    _ id: InterfaceID, _ mac: MACAddress, container: String, address: String, mode: ChildMode = .bridge
  ) -> Interface {
    var interface = Interface(id: id, name: "eth0", namespace: container, kind: .macvlan, mac: mac)
    interface.parent = parentID
    interface.mode = mode
    interface.addresses = [IPPrefix(address)].compactMap(\.self)
    interface.up = true
    interface.carrier = true
    interface.mtu = 1500
    interface.container = Container(runtime: "docker", name: container, network: "mac_net1")
    return interface
  }

  static func topology() -> Topology {
    Topology(
      parent: parentID,
      interfaces: [
        parent(), child(firstID, firstMAC, container: "bbox1", address: "172.22.16.10/24"),
        child(secondID, secondMAC, container: "bbox2", address: "172.22.16.20/24"),
      ], namespaces: [])
  }

  static func counter(
    _ interface: InterfaceID, _ direction: Direction, _ source: MACAddress, _ destination: MACAddress,
    frames: UInt64, bytes: UInt64? = nil, vlan: UInt16? = nil
  ) -> Counter {
    Counter(
      interface: interface, direction: direction, vlan: vlan.flatMap { VLANID($0) }, source: source,
      destination: destination, frames: frames, bytes: bytes ?? frames * 98)
  }

  /// The host asks for bbox1 in vain; bbox1 and bbox2 talk; the gateway broadcasts.
  static func counters() -> [Counter] {
    [
      counter(parentID, .egress, parentMAC, .broadcast, frames: 3, bytes: 126),
      counter(parentID, .ingress, outsideMAC, .broadcast, frames: 1_234_567),
      counter(parentID, .ingress, firstMAC, secondMAC, frames: 40),
      counter(parentID, .ingress, secondMAC, firstMAC, frames: 40),
      counter(firstID, .egress, firstMAC, secondMAC, frames: 40),
      counter(firstID, .ingress, secondMAC, firstMAC, frames: 40),
      counter(firstID, .ingress, outsideMAC, .broadcast, frames: 1_234_567),
      counter(secondID, .ingress, firstMAC, secondMAC, frames: 40),
      counter(secondID, .egress, secondMAC, firstMAC, frames: 40),
      counter(secondID, .ingress, outsideMAC, .broadcast, frames: 1_234_567),
    ]
  }

  static func finding() -> Finding {
    Finding(
      id: "host-to-child-bridge", severity: .error, confidence: .proven,
      title: "the host cannot reach its own macvlan child bbox1 (172.22.16.10)",
      explanation:
        "A frame that the host sends through ens33 leaves on the wire: the macvlan driver does not hand it to "
        + "the children of ens33, and the switch does not send it back to the port that it came from. So the "
        + "host and bbox1 reach everybody but each other.",
      subjects: [parentID.description, firstID.description, "172.22.16.10"],
      path: [
        PathStep("the host's stack", nil, .passed, "asks who has 172.22.16.10"),
        PathStep("ens33", .egress, .passed, "3 ARP requests left on the wire"),
        PathStep("the switch", nil, .unobserved, "does not return frames to the port they came from"),
        PathStep("ens33", .ingress, .missing, "no copy came back"),
        PathStep("bbox1 (eth0)", .ingress, .missing, "not one of them arrived"),
      ],
      evidence: [
        Evidence(
          .trajectory,
          "3 ARP requests for 172.22.16.10 left ens33; none came back in, none reached eth0 of bbox1"),
        Evidence(.neighbor, "172.22.16.10 on ens33 went from INCOMPLETE to FAILED"),
        Evidence(.drop, "the waiting echo request was freed with reason NEIGH_FAILED"),
        Evidence(.state, "eth0 in bbox1 is a macvlan child of ens33 in mode bridge"),
      ],
      fixes: [
        Fix(
          "give the host a macvlan child of its own, and route to the containers through it",
          commands: [
            "ip link add macvtrace-shim link ens33 type macvlan mode bridge", "ip link set macvtrace-shim up",
            "ip route add 172.22.16.10/32 dev macvtrace-shim src 172.22.16.2",
          ]),
        Fix("connect bbox1 to a bridge network as well, for traffic with the host"),
      ])
  }

  static func observation() -> Observation {
    var observation = Observation(
      tool: tool, host: machine,
      window: ObservationWindow(
        start: "2026-01-01T00:00:00.000000000Z", end: "2026-01-01T00:00:10.000000000Z", seconds: 10,
        monotonicStart: 5, monotonicEnd: 10_000_000_005), before: topology(), after: topology())
    observation.counters = counters()
    return observation
  }

  static func report(findings: [Finding] = [finding()]) -> Report {
    Report(of: observation(), findings: findings)
  }
}
