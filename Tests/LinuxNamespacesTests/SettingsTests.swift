import Foundation
import LinuxNamespaces
import SystemPackage
import Testing

@Suite("Settings of a namespace, beside sysctl", .enabled(if: isRoot, "needs root"))
struct SysctlTests {
  private func theirs(_ name: TestName, _ setting: String) throws -> String {
    try output(of: "ip", "netns", "exec", name.text, "sysctl", "-n", setting)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test("a setting is that of the namespace, not of the one who asks")
  func inside() throws {
    let name = TestName()
    let namespace = try NetworkNamespace.create(named: name.text)
    let path = "ipv4/icmp_echo_ignore_all"
    let outside = ProcFS.sysctl(path)
    #expect(try Sysctl.values(of: [path], in: namespace) == [path: "0"])
    try Sysctl.set(path, to: "1", in: namespace)
    #expect(try Sysctl.values(of: [path], in: namespace) == [path: "1"])
    #expect(try theirs(name, "net.ipv4.icmp_echo_ignore_all") == "1")
    #expect(ProcFS.sysctl(path) == outside)
  }

  @Test("what the kernel does not have is left out, what it refuses is told")
  func missing() throws {
    let name = TestName()
    let namespace = try NetworkNamespace.create(named: name.text)
    let values = try Sysctl.values(of: ["ipv4/no_such_setting", "ipv4/conf/lo/rp_filter"], in: namespace)
    #expect(values.keys.sorted() == ["ipv4/conf/lo/rp_filter"])
    #expect(try values["ipv4/conf/lo/rp_filter"] == theirs(name, "net.ipv4.conf.lo.rp_filter"))
    let refused = #expect(throws: NamespaceError.self) {
      try Sysctl.set("ipv4/ip_forward", to: "no number", in: namespace)
    }
    #expect(refused?.errno == .invalidArgument)
    #expect(refused?.code == .setting)
    let absent = #expect(throws: NamespaceError.self) {
      try Sysctl.set("ipv4/no_such_setting", to: "1", in: namespace)
    }
    #expect(absent?.errno == .noSuchFileOrDirectory)
  }

  @Test(
    "a path never leads out of the settings",
    arguments: ["../kernel/hostname", "ipv4/../../kernel/pid_max", ""])
  func outside(_ path: String) throws {
    #expect(ProcFS.sysctl(path) == nil)
    let name = TestName()
    let namespace = try NetworkNamespace.create(named: name.text)
    let error = #expect(throws: NamespaceError.self) { try Sysctl.set(path, to: "x", in: namespace) }
    #expect(error?.errno == .invalidArgument)
  }
}

@Suite("What this process may do")
struct CapabilitiesTests {
  @Test("the effective set is that of /proc/self/status")
  func effective() throws {
    let status = try #require(ProcFS.read("/proc/thread-self/status"))
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("CapEff:") })
    let expected = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
    #expect(Capabilities.effective().rawValue == expected)
  }

  @Test("CAP_SYS_ADMIN stands for what was split off it, and for nothing else")
  func systemAdministration() {
    // Bits by include/uapi/linux/capability.h: NET_ADMIN 12, SYS_ADMIN 21, PERFMON 38, BPF 39.
    let names = { (bits: UInt64) in Capabilities(rawValue: bits).missing.map(\.name) }
    #expect(names(0) == ["CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_PERFMON", "CAP_BPF"])
    #expect(names(1 << 21) == ["CAP_NET_ADMIN"])
    #expect(names(1 << 12 | 1 << 38 | 1 << 39) == ["CAP_SYS_ADMIN"])
    #expect(names(1 << 12 | 1 << 21) == [])
    #expect(names(~0) == [])
  }

  @Test("a file of any length is read whole, and one that is absent is none")
  func files() throws {
    let path = FileManager.default.temporaryDirectory.path + "/mvt\(getpid())text"
    let text = String(repeating: "0123456789abcde\n", count: 5000)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    defer { unlink(path) }
    #expect(ProcFS.read(path) == text)
    #expect(ProcFS.read(path + "absent") == nil)
    #expect(ProcFS.read("/proc") == nil)
  }
}
