extension Fault {
  /// Faults behind the parent: the switch, the cable, the peer.
  static let wire: [Fault] = [
    Fault(
      id: "mac-dup-on-segment", title: "bbox2 on docker02 has bbox1's MAC address, and speaks", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network(
        ("bbox1", "ip link set eth0 address 02:00:00:00:00:10"),
        ("bbox2", "ip link set eth0 address 02:00:00:00:00:10"),
        (
          "bbox2",
          "for n in $(seq 40); do arping -c 1 -w 1 -I eth0 172.22.16.77 || sleep 0.3; done >/dev/null 2>&1 </dev/null &"
        ))),
    Fault(
      id: "mac-behind-child", title: "a bridge in bbox1 sends under a MAC address of its own", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network(
        (
          "bbox1",
          """
          ip link add br0 address 02:00:00:00:00:b0 type bridge; ip link set br0 up; ip link set eth0 master br0
          ip address delete 172.22.16.10/24 dev eth0; ip address add 172.22.16.10/24 dev br0
          """
        ))),
    Fault(
      id: "no-reply-from-wire", title: "bbox2 does not answer pings", from: "bbox1", to: "172.22.16.20",
      passes: false, specification: network { $0.containers[1].isSilent = true }, explainedAs: "icmp-ignored"),
  ]
}
