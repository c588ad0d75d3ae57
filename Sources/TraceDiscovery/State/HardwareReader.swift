import LinuxNamespaces
import Netlink
import NetworkAddresses
public import TraceModel

/// Reads what a parent is made of: from its driver, and from sysfs.
public struct HardwareReader: Sendable {
  /// Where sysfs is mounted.
  public static let sysfs = "/sys"

  private let root: String

  /// Prepares to read below that directory, which a test may fill with another machine's files.
  public init(_ root: String = Self.sysfs) { self.root = root }

  /// The hardware of a parent in the calling thread's namespace.
  public func hardware(of parent: Interface) -> ParentHardware {
    var hardware = ParentHardware()
    let driver = DeviceDriver(of: parent.name)
    hardware.driver = driver?.name
    hardware.bus = driver.flatMap { Self.isBus($0.bus) ? $0.bus : nil }
    hardware.features = DeviceDriver.activeFeatures(of: parent.name)
    readPorts(parent, &hardware)
    readDevice(parent, &hardware)
    hardware.machine.vendor = line("class/dmi/id/sys_vendor")
    hardware.machine.product = line("class/dmi/id/product_name")
    hardware.machine.assetTag = line("class/dmi/id/chassis_asset_tag")
    return hardware
  }

  private func readPorts(_ parent: Interface, _ hardware: inout ParentHardware) {
    guard parent.linkKind == "bond", let links = try? NetlinkSocket().links() else { return }
    hardware.bondMode = links.first { $0.ifindex == parent.id.ifindex }?.bondMode
    hardware.portMACs = links.filter { $0.master == parent.id.ifindex }.compactMap(\.mac)
  }

  /// Sysfs shows the interfaces of the namespace that it was mounted in: another one's of the same name is not the parent.
  private func readDevice(_ parent: Interface, _ hardware: inout ParentHardware) {
    let device = "class/net/\(parent.name)"
    guard !parent.name.contains("/"),
      root != Self.sysfs
        || line("\(device)/ifindex") == "\(parent.id.ifindex)"
          && line("\(device)/address") == parent.mac?.description
    else { return }
    let events = ProcFS.read("\(root)/\(device)/device/uevent", limit: 4096) ?? ""
    let name = events.split(separator: "\n").first { $0.hasPrefix("DRIVER=") }?.dropFirst(7)
    if let name { hardware.driver = String(name) }
    hardware.isWireless = line("\(device)/phy80211/index") != nil
    hardware.isVirtualFunction = line("\(device)/device/physfn/vendor") != nil
  }

  private func line(_ path: String) -> String? {
    ProcFS.read("\(root)/\(path)", limit: 4096).flatMap { text in
      let line = text.prefix { $0 != "\n" }
      return line.isEmpty ? nil : String(line)
    }
  }

  /// Drivers of what is made of software alone name no place, or none that is one.
  private static func isBus(_ name: String) -> Bool { !["", "N/A", "tap", "tun", "virtual"].contains(name) }
}
