import Netlink
import TraceModel

extension InterfaceKind {
  /// What a link can be to a parent; `nil` for what never sits on one.
  init?(of link: Netlink.Link) {
    switch link.kind {
    case "macvlan": self = .macvlan
    case "macvtap": self = .macvtap
    case "ipvlan", "ipvtap": self = .ipvlan
    case "vlan": self = .vlan
    default: return nil
    }
  }
}

extension Netlink.Link {
  /// Whether it can sit on a parent, and on which interface it does is known.
  var isStacked: Bool { InterfaceKind(of: self) != nil && link != nil }

  /// Whether it can carry children: Ethernet, and neither loopback nor a child itself.
  var canBeParent: Bool {
    hardwareType == 1 && !isLoopback && InterfaceKind(of: self)?.isChild != true
  }
}

extension Interface {
  /// Reads a link of a namespace, without its addresses.
  init(_ link: Netlink.Link, namespace inode: UInt64, label: String, kind: InterfaceKind) {
    self.init(
      id: InterfaceID(namespace: inode, ifindex: link.ifindex), name: link.name, namespace: label, kind: kind,
      mac: link.mac)
    vlan = link.vlanID
    vlanProtocol = link.vlanProtocol.flatMap(VLANProtocol.init(etherType:))
    mode = ChildMode(of: link)
    up = link.isUp
    carrier = link.carrier
    promiscuous = link.isPromiscuous
    arp = !link.isWithoutARP
    promiscuity = Int(link.promiscuity)
    mtu = Int(link.mtu)
    linkKind = link.kind
    master = link.master.map { InterfaceID(namespace: inode, ifindex: $0) }
    allowedSources = link.macvlanSources
    macvlanFlags = link.macvlanFlags
    ipvlanFlags = link.ipvlanFlags
    broadcastQueueLength = link.broadcastQueueLength.map { Int($0) }
    broadcastQueueLengthUsed = link.usedBroadcastQueueLength.map { Int($0) }
    broadcastCutoff = link.broadcastCutoff.map { Int($0) }
    statistics = link.statistics.map { InterfaceStatistics($0) }
  }
}

extension ChildMode {
  fileprivate init?(of link: Netlink.Link) {
    if let mode = link.macvlanMode.flatMap(MacvlanMode.init(rawValue:)) {
      switch mode {
      case .private: self = .private
      case .vepa: self = .vepa
      case .bridge: self = .bridge
      case .passthru: self = .passthru
      case .source: self = .source
      }
      return
    }
    switch link.ipvlanMode {
    case 0: self = .l2
    case 1: self = .l3
    case 2: self = .l3s
    default: return nil
    }
  }
}

extension InterfaceStatistics {
  fileprivate init(_ statistics: LinkStatistics) {
    self.init()
    receivedFrames = statistics.receivedPackets
    receivedBytes = statistics.receivedBytes
    receiveDropped = statistics.receiveDropped
    receiveErrors = statistics.receiveErrors
    receivedForOtherHost = statistics.receivedForOtherHost
    sentFrames = statistics.sentPackets
    sentBytes = statistics.sentBytes
    sendDropped = statistics.sendDropped
    sendErrors = statistics.sendErrors
  }
}
