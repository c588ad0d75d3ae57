import Foundation
public import Testing

/// What not every kernel has, found by other means than macvtrace's own probes. A test that needs one that is missing
/// is counted as not applicable, by this name.
public struct Feature: Sendable {
  /// As the matrix of kernels names it.
  public let name: String
  /// Whether the running kernel has it.
  public let isPresent: Bool

  /// Names something that was found, or not.
  public init(_ name: String, isPresent: Bool) {
    self.name = name
    self.isPresent = isPresent
  }

  /// What is there where a shell's commands succeed, in a network namespace of their own with the pair of interfaces
  /// `p0` and `p1`.
  public init(_ name: String, commands: String) {
    self.init(name, isPresent: Kernel.takes("ip link add p0 type veth peer name p1; " + commands))
  }

  /// What is there where both are.
  public static func && (one: Feature, other: Feature) -> Feature {
    guard one.isPresent == other.isPresent else { return one.isPresent ? other : one }
    return Feature("\(one.name) and \(other.name)", isPresent: one.isPresent)
  }

  /// Ends the test that is running, or its case, as not applicable where the kernel lacks this.
  public func require() throws {
    if !isPresent { try Test.cancel("needs \(name)") }
  }

  /// TCX links (Linux 6.6).
  public static let tcx = Feature("TCX", isPresent: Kernel.hasSymbol("tcx_link_attach"))
  /// The helper that programs loop with (Linux 5.17).
  public static let loopHelper = Feature("bpf_loop", isPresent: Kernel.hasSymbol("bpf_loop_proto"))
  /// Test runs of XDP programs whose frames go out (Linux 5.18).
  public static let liveTestRuns = Feature(
    "live test runs", isPresent: Kernel.hasSymbol("xdp_test_run_init_page"))
  /// Atomic operations of BPF that return what was there (Linux 5.12, as the helper that this looks for).
  public static let fetchingAtomics = Feature(
    "fetching atomics", isPresent: Kernel.hasName("BPF_FUNC_check_mtu"))
  /// 802.1Q sub-interfaces.
  public static let vlan = Feature("8021q", commands: "ip link add link p0 name v0 type vlan id 1")
  /// Kernels that know none.
  public static let withoutVLANs = Feature("a kernel without 8021q", isPresent: !vlan.isPresent)
  /// Children that share their parent's MAC address.
  public static let ipvlan = Feature("ipvlan", commands: "ip link add link p0 name i0 type ipvlan mode l2")
  /// Interfaces that lead nowhere.
  public static let dummy = Feature("dummy", commands: "ip link add d0 type dummy")
  /// Bridges that tell VLANs apart.
  public static let bridgeVLANs = Feature(
    "bridge VLAN filtering", commands: "ip link add b0 type bridge vlan_filtering 1")
  /// Queues that delay and lose packets.
  public static let netem = Feature("netem", commands: "tc qdisc add dev p0 root netem loss 1%")
  /// Several interfaces as one.
  public static let bond = Feature("bonding", commands: "ip link add b0 type bond")
  /// A macvlan's queue of broadcasts with a length of its own (Linux 5.11).
  public static let broadcastQueueLength = Feature(
    "bcqueuelen",
    commands:
      "ip link add link p0 name m0 type macvlan bcqueuelen 2000; ip -d link show m0 | grep -q bcqueuelen")
  /// A macvlan's flag that has a source mode child take frames from its siblings (Linux 5.12).
  public static let noDestinationFlag = Feature(
    "nodst", commands: "ip link add link p0 name m0 type macvlan mode source nodst")

  /// A machine that nobody else uses: tests may change settings that all of it shares.
  public static let ownMachine = Feature(
    "a machine of its own",
    isPresent: ProcessInfo.processInfo.environment["MACVTRACE_TEST_OWN_MACHINE"] != nil)

  /// A reason for which the kernel says that it freed a frame, such as `NO_SOCKET` (Linux 5.17, most later).
  public static func dropReason(_ name: String) -> Feature {
    Feature("drop reason \(name)", isPresent: Kernel.hasName("SKB_DROP_REASON_\(name)"))
  }
}

extension Trait where Self == ConditionTrait {
  /// Runs a test only where the kernel has that.
  public static func needs(_ feature: @escaping @autoclosure @Sendable () -> Feature) -> Self {
    .enabled("needs \(feature().name)") { feature().isPresent }
  }
}

/// What the running kernel says of itself.
enum Kernel {
  private static let symbols = contents(of: "/proc/kallsyms")
  private static let types = contents(of: "/sys/kernel/btf/vmlinux")

  /// Reads a file to its end, also one of procfs, of which the kernel says that it has no length.
  private static func contents(of path: String) -> Data {
    guard let file = FileHandle(forReadingAtPath: path) else { return Data() }
    defer { try? file.close() }
    var contents = Data()
    while let part = try? file.read(upToCount: 1 << 20), !part.isEmpty { contents += part }
    return contents
  }

  /// Whether it has a function or a variable of that name.
  static func hasSymbol(_ name: String) -> Bool {
    // `ffffffff81000000 T name`, and a module's name behind a tab.
    symbols.range(of: Data(" \(name)\n".utf8)) != nil || symbols.range(of: Data(" \(name)\t".utf8)) != nil
  }

  /// Whether its description of its types has that name, of a type or an enumerator.
  static func hasName(_ name: String) -> Bool { types.range(of: Data("\0\(name)\0".utf8)) != nil }

  /// Whether a shell's commands succeed in a network namespace of their own.
  static func takes(_ script: String) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["unshare", "--net", "sh", "-ec", script]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
