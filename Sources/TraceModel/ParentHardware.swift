public import NetworkAddresses

/// What the parent is made of, and the machine that it is in: settings that no traffic changes.
public struct ParentHardware: Hashable, Codable, Sendable {
  /// The driver's name: `e1000e`, `vmxnet3`, `veth`.
  public var driver: String?
  /// Where the device sits, for a device that sits on a bus: `0000:02:01.0`.
  public var bus: String?
  /// Whether it is a wireless station's or access point's (IEEE 802.11).
  public var isWireless = false
  /// Whether it is a virtual function of an SR-IOV card.
  public var isVirtualFunction = false
  /// The offload features that are on, by the names of `ethtool -k`'s kernel side: `rx-vlan-hw-parse`; `nil` where they could
  /// not be read.
  public var features: [String]?
  /// How a bond distributes frames (include/uapi/linux/if_bonding.h): 5 balance-tlb, 6 balance-alb; `nil` for what is no bond.
  public var bondMode: UInt8?
  /// The MAC addresses of a bond's ports.
  public var portMACs: [MACAddress] = []
  /// The machine.
  public var machine = Machine()

  /// What the machine's firmware says of it (SMBIOS, /sys/class/dmi/id).
  public struct Machine: Hashable, Codable, Sendable {
    /// `Dell Inc.`, `VMware, Inc.`, `Amazon EC2`.
    public var vendor: String?
    /// `PowerEdge R640`, `Virtual Machine`.
    public var product: String?
    /// What some clouds tell themselves by.
    public var assetTag: String?

    /// A machine of which nothing is known.
    public init() {}
  }

  /// Hardware of which nothing is known.
  public init() {}
}
