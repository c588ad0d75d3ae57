import Netlink
import NetworkAddresses

extension Fault {
  /// Faults by which the wire takes some of docker01's MAC addresses, or none yet; the switch plays them with filters.
  static let wireAddresses: [Fault] = [
    refused(
      "switch-port-security", "docker01's switch port does not take bbox1's MAC address", sibling: true),
    refused(
      "dot1x-single-host", "docker01's switch port is authorised for docker01's MAC address alone",
      isProven: false,
      LabStep("switch", Self.authentication)),
    refused(
      "wifi-parent", "docker01's ens33 is wireless", machine: ["class/net/ens33/phy80211/index": "0"]),
    refused(
      "vswitch-forged-tx-reject", "docker01 is a VMware machine whose port group rejects forged transmits",
      isProven: false, machine: vmware),
    refused(
      "vswitch-forged-tx-reject-kvm", "docker01 is a KVM machine whose host filters MAC addresses",
      variantOf: "vswitch-forged-tx-reject", isProven: false,
      machine: [
        "class/net/ens33/device/uevent": "DRIVER=virtio_net\n", "class/dmi/id/sys_vendor": "QEMU\n",
        "class/dmi/id/product_name": "Standard PC (Q35 + ICH9, 2009)\n",
      ]),
    refused(
      "hyperv-mac-spoofing-off", "docker01 is a Hyper-V machine without MAC address spoofing",
      isProven: false,
      machine: [
        "class/net/ens33/device/uevent": "DRIVER=hv_netvsc\n",
        "class/dmi/id/sys_vendor": "Microsoft Corporation\n",
        "class/dmi/id/product_name": "Virtual Machine\n",
      ]),
    refused(
      "cloud-mac-filter", "docker01 is a machine of Amazon EC2", isProven: false,
      machine: [
        "class/net/ens33/device/uevent": "DRIVER=ena\n", "class/dmi/id/sys_vendor": "Amazon EC2\n",
        "class/dmi/id/product_name": "m5.large\n",
      ]),
    undelivered(
      "vswitch-promisc-reject", "docker01 is a VMware machine whose port group rejects promiscuous mode",
      machine: vmware),
    Fault(
      id: "stp-blocking", title: "the switch's ports are still listening for loops", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network(
        (
          "switch",
          """
          for port in port1 port2; do echo 1 > /proc/sys/net/ipv6/conf/$port/disable_ipv6; done
          ip link set br0 down; ip link set br0 type bridge stp_state 1 forward_delay 3000 hello_time 100
          ip link set br0 up
          """
        )),
      isProven: false),
    Fault(
      id: "bpdu-guard", title: "a bridge in bbox1 sends BPDUs, and the switch disables docker01's port",
      from: "bbox1", to: "172.22.16.20", passes: false,
      specification: network(
        ("bbox1", bridge + "; sleep 5"),
        (
          "switch",
          """
          nft add table netdev guard
          nft add counter netdev guard heard
          nft "add chain netdev guard port1 { type filter hook ingress device port1 priority 0; }"
          nft add rule netdev guard port1 ether saddr 02:00:00:00:00:10 ether type arp counter name heard drop
          for n in $(seq 600); do
            if nft list counter netdev guard heard | grep -q "packets [1-9]"; then
              sleep 1.3; ip link set port1 down; break
            fi
            sleep 0.1
          done >/dev/null 2>&1 </dev/null &
          """
        )),
      isProven: false),
  ]

  /// Networks that look like those, in which everything passes.
  static let healthyWire: [Fault] = [
    Fault(
      id: "healthy-virtual", title: "docker01 is a VMware machine whose port group takes every address",
      from: "bbox1", to: "172.22.16.20", passes: true,
      specification: network { $0.setup = traffic(sibling: false) }, machine: vmware),
    Fault(
      id: "healthy-wireless", title: "docker01's ens33 is wireless, and its access point takes every address",
      from: "bbox1", to: "172.22.16.20", passes: true,
      specification: network { $0.setup = traffic(sibling: false) },
      machine: ["class/net/ens33/phy80211/index": "0"]),
    Fault(
      id: "healthy-stp", title: "the switch and a bridge in bbox1 speak STP, and forward", from: "bbox1",
      to: "172.22.16.20", passes: true,
      specification: network(
        ("switch", "ip link set br0 type bridge stp_state 1 forward_delay 200 hello_time 100"),
        ("bbox1", bridge + "; sleep 9"))),
  ]

  static let vmware = [
    "class/net/ens33/device/uevent": "DRIVER=vmxnet3\n", "class/dmi/id/sys_vendor": "VMware, Inc.\n",
    "class/dmi/id/product_name": "VMware7,1\n",
  ]

  /// A bridge that speaks STP between bbox1 and its eth0.
  private static let bridge = """
    ip link set eth0 address 02:00:00:00:00:10
    ip link add br0 address 02:00:00:00:00:10 type bridge stp_state 1 forward_delay 200 hello_time 100
    ip link set br0 up; ip link set eth0 master br0
    ip address delete 172.22.16.10/24 dev eth0; ip address add 172.22.16.10/24 dev br0
    """

  /// Requests of IEEE 802.1X that a switch sends on its port.
  private static let authentication = """
    timeout 60 python3 -c '
    import socket, time
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    port.bind(("port1", 0))
    while True:
        port.send(bytes.fromhex("0180c2000003" + "020000000001" + "888e" + "01000005" + "0101000501").ljust(60, b"\\0"))
        time.sleep(0.5)
    ' >/dev/null 2>&1 </dev/null &
    """

  /// docker01, and a second container of it, ping docker02's side all the while; that pings bbox1, which has to be
  /// asked for ever anew: for its ten addresses in turn, three a second, so that whoever looks for three seconds and a half
  /// sees a question that is the first and the last for its address in a while.
  private static func traffic(sibling: Bool, forgetting: Bool = false) -> [LabStep] {
    let ping = { (target: String) in
      "for n in $(seq 90); do ping -c 1 -W 1 \(target) || :; sleep 0.5; done >/dev/null 2>&1 </dev/null &"
    }
    let ask =
      forgetting
      ? """
      for n in $(seq 270); do
        to=172.22.16.$((10 + n % 10)); ip neigh flush to $to; ping -c 1 -W 1 $to & sleep 0.3
      done >/dev/null 2>&1 </dev/null &
      """ : "ping -c 90 172.22.16.10 >/dev/null 2>&1 </dev/null &"
    return [LabStep("docker01", ping("172.22.16.20")), LabStep("bbox2", ask)]
      + (sibling ? [LabStep("bbox3", ping("172.22.16.20"))] : [])
  }

  /// The switch drops what bbox1 sends.
  private static func refused(
    _ id: String, _ title: String, sibling: Bool = false, variantOf: String? = nil, isProven: Bool = true,
    machine: [String: String] = [:], _ steps: LabStep...
  ) -> Fault {
    fault(
      id, title, "port1", "saddr", traffic(sibling: sibling) + steps, sibling, variantOf, isProven, machine)
  }

  /// The switch drops what others send to bbox1.
  private static func undelivered(
    _ id: String, _ title: String, sibling: Bool = false, machine: [String: String], _ steps: LabStep...
  ) -> Fault {
    fault(
      id, title, "port2", "daddr", traffic(sibling: sibling, forgetting: true) + steps, sibling, nil, false,
      machine)
  }

  private static func fault(
    _ id: String, _ title: String, _ port: String, _ side: String, _ steps: [LabStep], _ sibling: Bool,
    _ variantOf: String?, _ isProven: Bool, _ machine: [String: String]
  ) -> Fault {
    let specification = network {
      if sibling { $0.add("bbox3", host: 0, "172.22.16.30/24", .bridge) }
      $0.setup =
        [
          LabStep(
            "bbox1",
            """
            ip link set eth0 address 02:00:00:00:00:10
            for n in $(seq 11 19); do ip address add 172.22.16.$n/24 dev eth0; done
            """),
          LabStep(
            "switch",
            """
            nft add table netdev filter
            nft "add chain netdev filter port { type filter hook ingress device \(port) priority 0; }"
            nft add rule netdev filter port ether \(side) 02:00:00:00:00:10 drop
            """),
        ] + steps
    }
    var fault = Fault(
      id: id, title: title, from: "bbox1", to: "172.22.16.20", passes: false, specification: specification)
    fault.variantOf = variantOf
    fault.isProven = isProven
    fault.machine = machine
    return fault
  }
}
