import Foundation
import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiscovery

@Suite struct StateReadingTests {
  @Test func filtersAreReadLineByLine() {
    let line = "2    eth0            1     0     01005e000001"
    #expect(
      GroupMembership(line: line[...], 7)
        == GroupMembership(
          interface: InterfaceID(namespace: 7, ifindex: 2), mac: MACAddress(rawValue: 0x0100_5e00_0001)))
    for other in ["", "2 eth0 1 0 00ffffff", "x eth0 1 0 01005e000001", "2 eth0 1 0 01005e00000g"] {
      #expect(GroupMembership(line: other[...], 7) == nil, "\(other)")
    }
  }

  @Test func whetherVLANsAreKnown() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("root-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let write = { (path: String, text: String) in
      let file = root.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let read = { VLANSupport.read(root: root.path, release: "6.1.0") }
    #expect(read() == nil, "nothing is there to look at")
    try write("proc/version", "Linux")
    #expect(read() == false, "a kernel without modules")
    try write("proc/modules", "")
    #expect(read() == nil, "its modules are not here")
    try write("lib/modules/6.1.0/modules.dep", "kernel/net/llc/llc.ko:\n")
    #expect(read() == false)
    try write("lib/modules/6.1.0/modules.dep", "kernel/net/8021q/8021q.ko.xz: kernel/net/802/garp.ko.xz\n")
    #expect(read() == true)
    try FileManager.default.removeItem(at: root.appendingPathComponent("lib"))
    try write("proc/net/vlan/config", "")
    #expect(read() == true)
  }
}
