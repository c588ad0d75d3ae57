import BPF
import Foundation
import LinuxNamespaces
import SystemPackage
import Testing

@Suite("Without privilege", .enabled(if: isRoot, "needs root")) struct PrivilegeTests {
  /// The process becomes nobody, who has no capability.
  @Test func everyOperationSaysThatItIsNotPermitted() async {
    await #expect(processExitsWith: .success) {
      let load = #expect(throws: BPFError.self) {
        try TestObject.open("counters") { object in
          try #require(setgid(65534) == 0 && setuid(65534) == 0)
          _ = try object.load()
        }
      }
      #expect(load?.code == .load && load?.errno.symbol == "EPERM")
      #expect(
        load?.description.hasPrefix("load BPF object counters: Operation not permitted (EPERM)") == true)
      let program = #expect(throws: BPFError.self) { try Program.trivial() }
      #expect(program?.errno == .notPermitted && program?.message == "load BPF program macvtrace_probe")
      let map = #expect(throws: BPFError.self) {
        try Map.create(type: MapType.ringBuffer, keySize: 0, valueSize: 0, maxEntries: 4096, name: "mvt_ring")
      }
      #expect(map?.errno.symbol == "EPERM" && map?.message == "create map mvt_ring")
      let query = #expect(throws: BPFError.self) {
        try Program.attachedTCX(ifindex: TestNamespace.loopback, direction: .ingress)
      }
      #expect(query?.errno.symbol == "EPERM")
      #expect(#expect(throws: BPFError.self) { _ = try Program.enableStatistics() }?.errno.symbol == "EPERM")
      let features = KernelFeatures.probe()
      #expect(features.programError == .notPermitted && !features.tcx && !features.ringBuffer)
    }
  }
}
