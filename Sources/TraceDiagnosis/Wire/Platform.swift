import TraceModel

/// Whose virtual switch, if any, the parent hangs on, by what driver and firmware say.
enum Platform: Equatable {
  /// A machine of its own, as far as is known.
  case physical
  /// Made of software on this machine: no card, and no hypervisor's.
  case software
  case vmware, hyperV, virtualBox
  /// KVM, Xen and the like.
  case otherHypervisor(String)
  /// A cloud, by its name.
  case cloud(String)

  private static let softwareDrivers: Set<String> = [
    "veth", "dummy", "tun", "bridge", "macvlan", "vlan", "netkit",
  ]

  private static let clouds: [(mark: String, name: String)] = [
    ("Amazon EC2", "Amazon EC2"), ("Google", "Google Cloud"), ("OpenStack", "OpenStack"),
    ("Hetzner", "Hetzner Cloud"),
    ("DigitalOcean", "DigitalOcean"), ("Vultr", "Vultr"), ("Akamai", "Akamai"), ("Linode", "Akamai"),
    ("Alibaba Cloud", "Alibaba Cloud"), ("Scaleway", "Scaleway"), ("UpCloud", "UpCloud"),
    ("OracleCloud", "Oracle Cloud"), ("Huawei Cloud", "Huawei Cloud"), ("Tencent Cloud", "Tencent Cloud"),
  ]

  init(_ hardware: ParentHardware?) {
    guard let hardware else {
      self = .physical
      return
    }
    let driver = hardware.driver ?? ""
    if Self.softwareDrivers.contains(driver) {
      self = .software
      return
    }
    let machine = hardware.machine
    let marks = [machine.vendor, machine.product, machine.assetTag].compactMap(\.self)
    if let cloud = Self.clouds.first(where: { cloud in marks.contains { $0.contains(cloud.mark) } }) {
      self = .cloud(cloud.name)
    } else if machine.assetTag == "7783-7084-3265-9085-8269-3286-77" || driver == "mana" {
      // What every virtual machine of Azure has.
      self = .cloud("Azure")
    } else if driver == "ena" {
      self = .cloud("Amazon EC2")
    } else if driver == "gve" {
      self = .cloud("Google Cloud")
    } else if driver == "hv_netvsc"
      || machine.vendor == "Microsoft Corporation" && machine.product?.contains("Virtual Machine") == true
    {
      self = .hyperV
    } else if driver == "vmxnet3" || machine.vendor?.hasPrefix("VMware") == true {
      self = .vmware
    } else if marks.contains(where: { $0.contains("VirtualBox") || $0.hasPrefix("innotek") }) {
      self = .virtualBox
    } else if driver == "virtio_net" || marks.contains(where: { $0.contains("QEMU") || $0.contains("KVM") }) {
      self = .otherHypervisor("KVM")
    } else if driver == "vif" || driver == "xen-netfront" || marks.contains(where: { $0.hasPrefix("Xen") }) {
      self = .otherHypervisor("Xen")
    } else {
      self = .physical
    }
  }

  /// What tells, as evidence.
  static func evidence(_ hardware: ParentHardware?, _ parent: Interface) -> Evidence? {
    guard let hardware else { return nil }
    let machine = [hardware.machine.vendor, hardware.machine.product].compactMap(\.self).joined(
      separator: " ")
    let parts = [
      hardware.driver.map { "\(parent.name)'s driver is \($0)" },
      machine.isEmpty ? nil : "the machine calls itself \(machine)",
    ].compactMap(\.self)
    return parts.isEmpty ? nil : Evidence(.state, parts.joined(separator: ", and "))
  }

  /// Whether frames of the parent pass a virtual switch of somebody else's.
  var isVirtual: Bool { self != .physical && self != .software }
}
