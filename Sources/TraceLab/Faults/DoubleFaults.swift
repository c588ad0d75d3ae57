import Netlink

/// A fault that another one hides: it shows once that one is cured.
public struct HiddenFault: Sendable {
  /// The id of the cause that is to be found then.
  public let cause: String
  /// What cures it where its own fix has no commands: then it lies on another machine, or in a program.
  public let remedy: LabStep?

  /// A cause, and what cures it where macvtrace cannot say.
  public init(_ cause: String, remedy: LabStep? = nil) {
    self.cause = cause
    self.remedy = remedy
  }
}

extension Fault {
  /// Networks in which two things are wrong for one traffic: the one that stops it is found first.
  static let doubles: [Fault] = [
    double(
      "arp-ignore+container-firewall", "bbox3 answers no ARP requests, and its firewall drops pings",
      pair(("bbox3", "sysctl -qw net.ipv4.conf.eth0.arp_ignore=8; " + dropsPings)),
      behind: HiddenFault("container-firewall")),
    double(
      "private-sibling-isolation+container-firewall",
      "siblings in private mode, and bbox3's firewall drops pings",
      dropping(siblings(.private, .private)), behind: HiddenFault("container-firewall")),
    double(
      "child-down+icmp-ignored", "bbox3 is down, and is set to ignore pings",
      pair(("bbox3", "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all; ip link set eth0 down")),
      behind: HiddenFault("icmp-ignored")),
    double(
      "host-to-child-bridge+container-firewall",
      "docker01 pings its own container, whose firewall drops pings",
      from: "docker01", to: "172.22.16.10", network(("bbox1", dropsPings)),
      behind: HiddenFault("container-firewall")),
    double(
      "parent-down+host-to-child-private",
      "docker01's ens33 is down, and its container is in private mode",
      from: "docker01", to: "172.22.16.10",
      network {
        $0.stations[0].isUp = false
        $0.containers[0].mode = .private
      }, behind: HiddenFault("host-to-child-private")),
    double(
      "stale-arp+no-return-route", "bbox1 has a wrong neighbor entry for bbox3, which has no route back",
      pair(
        (
          "bbox1",
          """
          ip address flush dev eth0; ip address add 10.5.0.10/24 dev eth0; ip route add 172.22.16.0/24 dev eth0
          ip neighbor replace 172.22.16.30 lladdr 02:00:00:00:00:99 dev eth0 nud permanent
          """
        )), behind: HiddenFault("no-return-route")),
    double(
      "sibling-mode-mismatch+arp-ignore+icmp-ignored",
      "siblings in different modes; bbox3 answers no ARP requests and ignores pings",
      {
        var specification = siblings(.bridge, .vepa)
        specification.setup = [
          LabStep(
            "bbox3",
            "sysctl -qw net.ipv4.conf.eth0.arp_ignore=8; echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all")
        ]
        return specification
      }(), behind: HiddenFault("arp-ignore"), HiddenFault("icmp-ignored")),
    double(
      "policy-rule+no-listener", "a routing rule of bbox3 forbids to send to bbox1, and nobody listens",
      pair(("bbox3", "ip rule add to 172.22.16.10 priority 100 prohibit")), port: 8080,
      behind: HiddenFault(
        "no-listener",
        remedy: LabStep(
          "bbox3",
          "timeout 60 python3 -c 'import socket,time; s=socket.create_server((\"0.0.0.0\",8080)); time.sleep(60)' "
            + ">/dev/null 2>&1 & sleep 1"))),
  ]

  private static let dropsPings =
    "nft add table ip own; nft 'add chain ip own in { type filter hook input priority 0; }'; "
    + "nft add rule ip own in icmp type echo-request drop"

  private static func dropping(_ specification: LabSpecification) -> LabSpecification {
    var specification = specification
    specification.setup.append(LabStep("bbox3", dropsPings))
    return specification
  }

  private static func double(
    _ id: String, _ title: String, from: String = "bbox1", to: String = "172.22.16.30",
    _ specification: LabSpecification, port: UInt16? = nil, behind: HiddenFault...
  ) -> Fault {
    Fault(
      id: id, title: title, from: from, to: to, passes: false, specification: specification, port: port,
      variantOf: id.split(separator: "+").first.map(String.init), behind: behind)
  }
}
