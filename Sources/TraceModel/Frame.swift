public import NetworkAddresses

/// An 802.1Q or 802.1ad tag.
public struct VLANTag: Hashable, Codable, Sendable {
  /// The tag's EtherType: 0x8100 (802.1Q) or 0x88a8 (802.1ad).
  public var protocolID: UInt16
  /// Priority (3 bits), DEI (1 bit), VLAN ID (12 bits).
  public var controlInformation: UInt16

  /// Makes a tag.
  public init(protocolID: UInt16 = 0x8100, controlInformation: UInt16) {
    self.protocolID = protocolID
    self.controlInformation = controlInformation
  }

  /// The VLAN ID.
  public var vlanID: VLANID { VLANID(tagControlInformation: controlInformation) }
}

/// An ARP packet for IPv4 over Ethernet (RFC 826).
public struct ARPFields: Hashable, Codable, Sendable {
  /// 1 request, 2 reply.
  public var operation: UInt16
  /// The MAC address that the sender claims.
  public var senderMAC: MACAddress
  /// The address that the sender claims.
  public var senderAddress: IPAddress
  /// The MAC address of who is meant; zero in a request.
  public var targetMAC: MACAddress
  /// The address that is asked for, or answered to.
  public var targetAddress: IPAddress

  /// Makes ARP fields.
  public init(
    operation: UInt16, senderMAC: MACAddress, senderAddress: IPAddress, targetMAC: MACAddress,
    targetAddress: IPAddress
  ) {
    self.operation = operation
    self.senderMAC = senderMAC
    self.senderAddress = senderAddress
    self.targetMAC = targetMAC
    self.targetAddress = targetAddress
  }
}

/// An address that a DHCP server offers or gives to a client (RFC 2131, `yiaddr` and `chaddr`).
public struct AddressLease: Hashable, Codable, Sendable {
  /// Whom it is for.
  public var client: MACAddress
  /// The IPv4 address; the first octet on the wire is the most significant.
  public var number: UInt32

  /// States a lease of an IPv4 address.
  public init(number: UInt32, client: MACAddress) {
    self.client = client
    self.number = number
  }

  /// The address.
  public var address: IPAddress { .v4(number) }
}

/// What the transport header says, as far as it was read.
public enum TransportFields: Hashable, Codable, Sendable {
  /// Not read: another protocol, a later fragment, or a truncated header.
  case none
  /// ICMP or ICMPv6 other than neighbor discovery; identifier and sequence are 0 where the type has none.
  case icmp(type: UInt8, code: UInt8, identifier: UInt16, sequence: UInt16)
  /// Neighbor solicitation (135) or advertisement (136) and its target (RFC 4861, 4.3 and 4.4).
  case neighborDiscovery(target: IPAddress, type: UInt8)
  case tcp(
    sourcePort: UInt16, destinationPort: UInt16, flags: UInt8, sequence: UInt32, acknowledgment: UInt32)
  /// UDP, and what a DHCP server hands out in it.
  case udp(sourcePort: UInt16, destinationPort: UInt16, lease: AddressLease? = nil)
}

/// What the IPv4 or IPv6 header says.
public struct IPFields: Hashable, Codable, Sendable {
  /// The identification field of IPv4, the flow label of IPv6.
  public var identification: UInt32
  /// In units of 8 octets.
  public var fragmentOffset: UInt16
  /// The transport protocol (IANA protocol numbers), extension headers skipped.
  public var `protocol`: UInt8
  /// TTL or hop limit.
  public var ttl: UInt8
  /// The source address.
  public var source: IPAddress
  /// The destination address.
  public var destination: IPAddress
  /// What the header behind says.
  public var transport: TransportFields

  /// Makes IP fields.
  public init(
    source: IPAddress, destination: IPAddress, protocol: UInt8, ttl: UInt8, identification: UInt32 = 0,
    fragmentOffset: UInt16 = 0, transport: TransportFields = .none
  ) {
    self.source = source
    self.destination = destination
    self.protocol = `protocol`
    self.ttl = ttl
    self.identification = identification
    self.fragmentOffset = fragmentOffset
    self.transport = transport
  }
}

/// What follows the Ethernet header and its tags.
public enum NetworkFields: Hashable, Codable, Sendable {
  case arp(ARPFields)
  case ip(IPFields)
  /// Another EtherType, or a header that was cut off.
  case other
}

/// The fields of one frame that explain where it went.
public struct Frame: Hashable, Codable, Sendable {
  /// The source MAC address.
  public var source: MACAddress
  /// The destination MAC address.
  public var destination: MACAddress
  /// The outer tag, whether it was in the frame or in the buffer's metadata.
  public var outerTag: VLANTag?
  /// The second tag, where there are two.
  public var innerTag: VLANTag?
  /// The EtherType behind the tags.
  public var etherType: UInt16
  /// What is inside.
  public var network: NetworkFields

  /// Makes a frame description.
  public init(
    source: MACAddress, destination: MACAddress, outerTag: VLANTag? = nil, innerTag: VLANTag? = nil,
    etherType: UInt16, network: NetworkFields = .other
  ) {
    self.source = source
    self.destination = destination
    self.outerTag = outerTag
    self.innerTag = innerTag
    self.etherType = etherType
    self.network = network
  }

  /// The ARP packet inside, if it is one.
  public var arp: ARPFields? { if case .arp(let fields) = network { fields } else { nil } }
  /// What a DHCP server hands out in it.
  public var lease: AddressLease? {
    if case .udp(_, _, let lease) = ip?.transport { lease } else { nil }
  }
  /// The IP packet inside, if it is one.
  public var ip: IPFields? { if case .ip(let fields) = network { fields } else { nil } }

  /// The address that the frame asks for, if it is an ARP request or a neighbor solicitation; a gratuitous
  /// ARP (sender asks for itself) and a probe for duplicates ask nobody, so they do not count.
  public var solicitedAddress: IPAddress? {
    switch network {
    case .arp(let fields):
      guard fields.operation == 1, fields.senderAddress != fields.targetAddress else { return nil }
      return fields.senderAddress.isUnspecified ? nil : fields.targetAddress
    case .ip(let fields):
      guard case .neighborDiscovery(let target, type: 135) = fields.transport else { return nil }
      return fields.source.isUnspecified ? nil : target
    case .other: return nil
    }
  }

  /// The address that an ARP reply or a neighbor advertisement speaks for.
  public var advertisedAddress: IPAddress? {
    switch network {
    case .arp(let fields): fields.operation == 2 ? fields.senderAddress : nil
    case .ip(let fields):
      if case .neighborDiscovery(let target, type: 136) = fields.transport { target } else { nil }
    case .other: nil
    }
  }

  /// The network-layer source: the IP source, or the ARP sender.
  public var sourceAddress: IPAddress? {
    switch network {
    case .arp(let fields): fields.senderAddress
    case .ip(let fields): fields.source
    case .other: nil
    }
  }

  /// The network-layer destination: the IP destination, or the ARP target.
  public var destinationAddress: IPAddress? {
    switch network {
    case .arp(let fields): fields.targetAddress
    case .ip(let fields): fields.destination
    case .other: nil
    }
  }
}
