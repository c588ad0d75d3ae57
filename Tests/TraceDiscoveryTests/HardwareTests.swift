import Foundation
import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiscovery

/// What the parent is made of.
@Suite struct HardwareTests {
  private static let interface = Interface(
    id: InterfaceID(namespace: 1, ifindex: 1), name: "lo", namespace: "host", kind: .parent, mac: .zero)

  private static func read(_ files: [String: String]) throws -> ParentHardware {
    let root = FileManager.default.temporaryDirectory.appending(path: "macvtrace-test-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return HardwareReader(root.path()).hardware(of: interface)
  }

  @Test func isReadFromSysfs() throws {
    let hardware = try Self.read([
      "class/net/lo/device/uevent": "DRIVER=vmxnet3\nPCI_CLASS=20000\n", "class/net/lo/phy80211/index": "0\n",
      "class/net/lo/device/physfn/vendor": "0x8086\n", "class/dmi/id/sys_vendor": "VMware, Inc.\n",
      "class/dmi/id/product_name": "VMware7,1\n", "class/dmi/id/chassis_asset_tag": "No Asset Tag\n",
    ])
    #expect(hardware.driver == "vmxnet3" && hardware.isWireless && hardware.isVirtualFunction)
    #expect(hardware.machine.vendor == "VMware, Inc." && hardware.machine.product == "VMware7,1")
    #expect(hardware.machine.assetTag == "No Asset Tag")
  }

  @Test func withoutSysfsTheKernelIsAsked() throws {
    let hardware = try Self.read([:])
    #expect(hardware.driver != "vmxnet3" && !hardware.isWireless && hardware.machine.vendor == nil)
    #expect(hardware.features?.isEmpty == false)
  }

  /// Another namespace's interface can have the same name.
  @Test func anotherInterfaceOfThatNameIsNotTheParent() {
    var stranger = Self.interface
    stranger.id = InterfaceID(namespace: 1, ifindex: 999_999)
    #expect(!HardwareReader().hardware(of: stranger).isWireless)
  }
}
