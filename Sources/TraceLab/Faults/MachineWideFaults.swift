import Netlink

extension Fault {
  /// Faults of tables and queues that all network namespaces of a machine share.
  static let machineWide: [Fault] = [
    Fault(
      id: "conntrack-full", title: "the machine tracks one connection, and bbox3 has one", from: "bbox1",
      to: "172.22.16.30", passes: false,
      specification: pair(
        (
          "bbox3",
          """
          nft add table inet own
          nft 'add chain inet own in { type filter hook input priority 0; }'; nft add rule inet own in ct state new counter
          ip link set lo up; \(connected)
          \(machine("net.netfilter.nf_conntrack_max=1"))
          """
        ))),
    Fault(
      id: "neigh-table-full", title: "the machine's table of neighbors has no room", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network(("docker01", machine("net.ipv4.neigh.default.gc_thresh3=0")))),
    Fault(
      id: "cpu-backlog",
      title: "a CPU's queue has room for one frame, and broadcasts come to three containers",
      from: "bbox1", to: "172.22.16.40", passes: false, specification: crowd),
  ]

  /// Changes a setting of the whole machine.
  private static func machine(_ setting: String) -> String {
    "nsenter --net=/proc/1/ns/net sysctl -qw \(setting)"
  }

  /// A connection that stands for a minute, so that the kernel does not give it up for another one.
  private static let connected = """
    timeout 60 python3 -c 'import socket,time
    s=socket.create_server(("127.0.0.1",9)); c=socket.create_connection(("127.0.0.1",9)); a=s.accept()
    c.sendall(b"x"); a[0].recv(1); open("/proc/self/comm","w").write("connected"); time.sleep(60)
    ' >/dev/null 2>&1 </dev/null &
    for i in $(seq 200); do grep -q 0100007F:0009.*' 01 ' /proc/self/net/tcp && break; sleep 0.1; done; sleep 1
    """

  /// bbox3, bbox5 and bbox4 beside bbox1: a broadcast comes to them in this order, that of a hash of their MAC addresses
  /// (drivers/net/macvlan.c, macvlan_broadcast).
  private static var crowd: LabSpecification {
    network {
      $0.add("bbox3", host: 0, "172.22.16.30/24", .bridge)
      $0.add("bbox5", host: 0, "172.22.16.50/24", .bridge)
      $0.add("bbox4", host: 0, "172.22.16.40/24", .bridge)
      $0.setup =
        [("bbox3", "dc"), ("bbox5", "9f"), ("bbox4", "19")].map { name, last in
          LabStep(name, "ip link set eth0 address 02:00:00:00:00:\(last)")
        } + [LabStep("docker01", machine("net.core.netdev_max_backlog=0"))]
    }
  }
}
