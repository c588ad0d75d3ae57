import CLinux
public import LinuxNamespaces
public import NetworkAddresses

/// A link that is to be made, or one end of a pair.
public struct LinkSpecification: Sendable {
  /// Its name, at most 15 octets.
  public var name: String
  /// Its hardware address; `nil`: one that the kernel makes up.
  public var mac: MACAddress?
  /// The longest packet in octets; `nil`: what is usual for its kind.
  public var mtu: UInt32?
  /// Where it is put; `nil`: the socket's namespace.
  public var namespace: NetworkNamespace?

  /// Describes a link.
  public init(_ name: String, mac: MACAddress? = nil, mtu: UInt32? = nil, namespace: NetworkNamespace? = nil)
  {
    self.name = name
    self.mac = mac
    self.mtu = mtu
    self.namespace = namespace
  }

  func append(to request: inout MessageBuilder) {
    request.attribute(IFLA_IFNAME, name)
    if let mac { request.attribute(IFLA_ADDRESS, mac.octets) }
    if let mtu { request.attribute(IFLA_MTU, mtu) }
    if let namespace { request.attribute(IFLA_NET_NS_FD, UInt32(bitPattern: namespace.fileDescriptor)) }
  }
}
