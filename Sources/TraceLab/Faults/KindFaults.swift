import Netlink
import NetworkAddresses

extension Fault {
  /// Faults of what an interface is, and of groups.
  static let kinds: [Fault] = [
    Fault(
      id: "default-mode-vepa", title: "docker01's own macvlan interface was made without a mode",
      from: "docker01", to: "172.22.16.10", passes: false, specification: shim("")),
    Fault(
      id: "default-mode-vepa-from-child", title: "the same, and bbox1 pings its host", from: "bbox1",
      to: "172.22.16.2", passes: false, specification: shim(""), variantOf: "default-mode-vepa"),
    Fault(
      id: "default-mode-vepa-both", title: "the same, and bbox1's was made without one, too",
      from: "docker01",
      to: "172.22.16.10", passes: false, specification: shim("", container: .vepa),
      variantOf: "default-mode-vepa"),
    group(
      "mcast-not-joined", "bbox1's program waits for a group that it has not joined", receiver("239.1.2.3")),
    group(
      "mcast-not-joined-elsewhere", "bbox1's program has joined the group on its other interface",
      (
        "bbox1",
        "ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; ip address add 10.1.1.2/24 dev v0; "
          + "ip address add 239.1.2.3/32 dev v0 autojoin"
      ), receiver("0.0.0.0"), variantOf: "mcast-not-joined"),
    group(
      "mcast-not-joined-v6", "the same as the first, by IPv6",
      ("bbox1", "ip -6 address add fd16::10/64 dev eth0 nodad"),
      ("docker02", "ip -6 address add fd16::3/64 dev ens33 nodad"), receiver("ff15::123", family: "AF_INET6"),
      script: sender("ff15::123", family: "AF_INET6", "41, 17, socket.if_nametoindex(\"ens33\")"),
      variantOf: "mcast-not-joined"),
    virtualRouter("own-source-mac-multicast", "bbox1 does not hear the router whose stand-in it is", .bridge),
    virtualRouter(
      "own-source-mac-multicast-vepa", "the same, bbox1 in VEPA mode", .vepa,
      variantOf: "own-source-mac-multicast"),
    Fault(
      id: "parent-moved-netns", title: "docker01's ens33 is moved to another namespace", from: "docker01",
      to: "172.22.16.20", passes: false,
      specification: network { $0.stations.append(LabStation("tenant", interface: "ens34")) },
      script: "ip link set ens33 netns ${prefix}tenant 2>/dev/null; " + afterwards),
    Fault(
      id: "parent-deleted", title: "docker01's ens33 is deleted", from: "docker01", to: "172.22.16.20",
      passes: false, specification: LabSpecification(),
      script: "ip link delete ens33 2>/dev/null; " + afterwards),
    Fault(
      id: "mtu-child-above-parent", title: "the MTU of docker01's ens33 is lowered", from: "docker01",
      to: "172.22.16.20", passes: false, specification: LabSpecification(),
      script: "ip link show ens33 | grep -q alias || ip link set ens33 mtu 1400 alias lowered; "
        + "ip netns exec ${prefix}bbox1 ping -c 2 -W 1 -M do -s 1472 172.22.16.20"),
    Fault(
      id: "rx-handler-busy", title: "docker01's ens33 is a port of a bridge", from: "docker01",
      to: "172.22.16.3", passes: true,
      specification: network {
        $0.containers.removeFirst()
        $0.setup = [
          LabStep(
            "docker01",
            """
            ip link add br1 type bridge; ip link set br1 up; ip address flush dev ens33; ip link set ens33 master br1
            ip address add 172.22.16.2/24 dev br1
            """)
        ]
      }, isFlawed: true),
  ]

  /// Networks like those, in which nothing is wrong.
  static let healthyKinds: [Fault] = [
    Fault(
      id: "healthy-shim", title: "docker01 pings its container by a macvlan interface of its own",
      from: "docker01", to: "172.22.16.10", passes: true, specification: shim("mode bridge")),
    group(
      "healthy-multicast", "bbox1's program has joined the group that it waits for", receiver("239.1.2.3"),
      ("bbox1", "ip address add 239.1.2.3/32 dev eth0 autojoin"), passes: true),
    group(
      "healthy-multicast-unwanted", "docker02 sends to a group that nobody waits for",
      script: sender("239.1.2.3") + "; true", passes: true),
    virtualRouter(
      "healthy-virtual-router", "bbox1, in private mode, hears the router whose stand-in it is", .private,
      passes: true),
  ]

  /// Faults of ipvlan, and of parents that lead nowhere.
  static let ipvlan: [Fault] = [
    Fault(
      id: "ipvlan-host", title: "docker01 pings its own ipvlan container", from: "docker01",
      to: "172.22.16.10", passes: false, specification: ipvlan("l2"), requirement: .ipvlan),
    Fault(
      id: "ipvlan-host-from-child", title: "the ipvlan container pings its own host", from: "bbox1",
      to: "172.22.16.2", passes: false, specification: ipvlan("l2"), requirement: .ipvlan,
      variantOf: "ipvlan-host"),
    Fault(
      id: "ipvlan-host-l3", title: "the same as the first in mode l3", from: "docker01", to: "10.9.0.10",
      passes: false,
      specification: ipvlan(
        "l3", "10.9.0.10/24", ("docker01", "ip route add 10.9.0.0/24 dev ens33 src 172.22.16.2")),
      requirement: .ipvlan, variantOf: "ipvlan-host"),
    Fault(
      id: "ipvlan-l3-no-return-route", title: "bbox2 has no route to the subnet of an ipvlan container",
      from: "bbox1", to: "172.22.16.20", passes: false, specification: ipvlan("l3", "10.9.0.10/24"),
      requirement: .ipvlan, explainedAs: "no-return-route"),
    Fault(
      id: "docker-dummy-parent", title: "bbox1's network was made without a parent", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network(
        ("bbox1", "ip link delete eth0"),
        (
          "docker01",
          """
          ip link add dm-1a2b3c4d5e6f type dummy; ip link set dm-1a2b3c4d5e6f up
          ip link add link dm-1a2b3c4d5e6f name eth0 netns ${prefix}bbox1 type macvlan mode bridge
          """
        ), ("bbox1", "ip address add 172.22.16.10/24 dev eth0; ip link set eth0 up")),
      parent: "dm-1a2b3c4d5e6f", requirement: .dummy),
    Fault(
      id: "healthy-ipvlan", title: "an ipvlan container and one of macvlan on two hosts", from: "bbox1",
      to: "172.22.16.20", passes: true, specification: ipvlan("l2"), requirement: .ipvlan),
    Fault(
      id: "healthy-ipvlan-l3", title: "the same in mode l3, with a route back", from: "bbox1",
      to: "172.22.16.20", passes: true,
      specification: ipvlan(
        "l3", "10.9.0.10/24", ("bbox2", "ip route add 10.9.0.0/24 via 172.22.16.2")), requirement: .ipvlan),
  ]

  /// bbox1's eth0 is an ipvlan child.
  private static func ipvlan(
    _ mode: String, _ address: String = "172.22.16.10/24", _ steps: (String, String)...
  ) -> LabSpecification {
    network {
      if let prefix = IPPrefix(address) { $0.containers[0].address = prefix }
      $0.setup =
        [
          LabStep("bbox1", "ip link delete eth0"),
          LabStep(
            "docker01", "ip link add link ens33 name eth0 netns ${prefix}bbox1 type ipvlan mode \(mode)"),
          LabStep("bbox1", "ip address add \(address) dev eth0; ip link set eth0 up"),
          LabStep("bbox1", mode == "l2" ? "true" : "ip route add default dev eth0"),
        ] + steps.map { LabStep($0.0, $0.1) }
    }
  }

  /// A ping from bbox1 a second later.
  private static let afterwards =
    "sleep 1; ip netns exec ${prefix}bbox1 ping -c 3 -i 0.5 -W 1 172.22.16.20"

  /// docker01 has a macvlan interface of its own by which it reaches bbox1.
  private static func shim(_ mode: String, container: MacvlanMode = .bridge) -> LabSpecification {
    network {
      $0.containers[0].mode = container
      $0.setup = [
        LabStep(
          "docker01",
          """
          ip link add shim0 link ens33 type macvlan \(mode); ip link set shim0 up
          ip route add 172.22.16.10/32 dev shim0 src 172.22.16.2
          """)
      ]
    }
  }

  /// docker02 sends to a group.
  private static func group(
    _ id: String, _ title: String, _ steps: (String, String)..., script: String = sender("239.1.2.3"),
    passes: Bool = false, variantOf: String? = nil
  ) -> Fault {
    Fault(
      id: id, title: title, from: "docker02", to: "172.22.16.10", passes: passes,
      specification: network { $0.setup = steps.map { LabStep($0.0, $0.1) } }, script: script,
      variantOf: variantOf)
  }

  /// Has bbox1 wait at an address and answer who sends to it, for a minute.
  private static func receiver(_ address: String, family: String = "AF_INET") -> (String, String) {
    let program = """
      import socket; s=socket.socket(socket.\(family), socket.SOCK_DGRAM); s.bind(("\(address)",5000))
      while True: s.sendto(b"yes", s.recvfrom(99)[1])
      """
    let files = "/proc/self/net/udp /proc/self/net/udp6"
    return (
      "bbox1",
      "timeout 60 python3 -c '\(program)' >/dev/null 2>&1 </dev/null & "
        + "for i in $(seq 100); do grep -q ':1388 ' \(files) && exit 0; sleep 0.1; done; exit 1"
    )
  }

  /// Sends three datagrams to a group, and succeeds when somebody answers.
  private static func sender(
    _ address: String, family: String = "AF_INET",
    _ option: String = "0, 32, socket.inet_aton(\"172.22.16.3\")"
  ) -> String {
    let program = """
      import socket,sys; s=socket.socket(socket.\(family), socket.SOCK_DGRAM); s.setsockopt(\(option)); s.settimeout(0.7)
      for i in range(3):
        s.sendto(b"who", ("\(address)",5000))
        try: s.recvfrom(99); sys.exit(0)
        except TimeoutError: pass
      sys.exit(1)
      """
    return "python3 -c '\(program)'"
  }

  /// bbox1 and bbox2 have the MAC address of one virtual router, of which bbox2 is the master: it says so all the while.
  private static func virtualRouter(
    _ id: String, _ title: String, _ mode: MacvlanMode, passes: Bool = false, variantOf: String? = nil
  ) -> Fault {
    let address = "ip link set eth0 address 00:00:5e:00:01:33"
    let raw = "s=socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)"
    let announce = """
      import socket,time; \(raw); s.setsockopt(0, 32, socket.inet_aton("172.22.16.20"))
      for i in range(200): s.sendto(b"!3d0", ("224.0.0.18", 0)); time.sleep(0.3)
      """
    return Fault(
      id: id, title: title, from: "bbox1", to: "172.22.16.20", passes: passes,
      specification: network {
        $0.containers[0].mode = mode
        $0.setup = [
          LabStep("bbox1", address + "; ip address add 224.0.0.18/32 dev eth0 autojoin"),
          LabStep("bbox2", address + "; timeout 60 python3 -c '\(announce)' >/dev/null 2>&1 </dev/null &"),
        ]
      }, script: "python3 -c 'import socket; \(raw); s.settimeout(2); s.recvfrom(99)'",
      variantOf: variantOf)
  }
}
