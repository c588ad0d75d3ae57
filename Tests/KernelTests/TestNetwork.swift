import Foundation
import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import Testing
import TraceCapture
import TraceLab
import TraceModel

/// Namespaces of one test, filled by a shell script and removed with this value.
///
/// In a script each is a variable: `ip -n $host link`. They have no IPv6, and so no traffic but what a test makes.
final class TestNetwork {
  private let names: [String]

  init(_ names: String..., script: String) throws {
    self.names = names
    for name in names {
      let namespace = try NamedNamespaces.create(Observed.prefix + name)
      try namespace.run {
        for place in ["all", "default"] {
          try ProcFS.write("/proc/sys/net/ipv6/conf/\(place)/disable_ipv6", "1")
        }
      }
    }
    try run(
      "for name in \(names.map { "$\($0)" }.joined(separator: " ")); do ip -n $name link set lo up; done\n"
        + script)
    // What is known of a neighbor is not asked for anew, however slow the machine.
    for name in names {
      try namespace(name).run {
        for link in try NetlinkSocket().links() where !link.isLoopback {
          let settings = "/proc/sys/net/ipv4/neigh/\(link.name)/"
          try ProcFS.write(settings + "base_reachable_time_ms", "3600000")
          try ProcFS.write(settings + "delay_first_probe_time", "3600")
        }
      }
    }
  }

  deinit { for name in names { try? NamedNamespaces.delete(Observed.prefix + name) } }

  func namespace(_ name: String) throws -> NetworkNamespace {
    try NetworkNamespace.named(Observed.prefix + name)
  }

  /// Runs a script with bash; it fails the test when one of its commands fails. Returns what it printed.
  @discardableResult func run(_ script: String) throws -> String {
    let variables = names.map { "\($0)=\(Observed.prefix)\($0)\n" }.joined()
    let result = try CommandRunner.run(["bash", "-euc", variables + script])
    try #require(result.status == 0, "\(script): \(result.output)")
    return result.output
  }

  /// Runs a script, whether it succeeds or not.
  func attempt(_ script: String) throws -> CommandResult {
    let variables = names.map { "\($0)=\(Observed.prefix)\($0)\n" }.joined()
    return try CommandRunner.run(["bash", "-c", variables + script])
  }

  /// Attaches to an interface of the first namespace while a script makes traffic.
  func observe(
    _ parent: String, options: CaptureOptions = CaptureOptions(), waiting milliseconds: UInt32 = 50,
    _ traffic: String
  ) throws -> Observation {
    let variables = names.map { "\($0)=\(Observed.prefix)\($0)\n" }.joined()
    return try Observed.observe(
      in: try namespace(names[0]), parent: parent, options: options, waiting: milliseconds
    ) {
      let result = try CommandRunner.run(["bash", "-euc", variables + traffic])
      #expect(result.status == 0, "\(traffic): \(result.output)")
    }
  }

  /// What `macvtrace` prints as JSON in the first namespace, parsed.
  func json(_ arguments: String) throws -> [String: Any] {
    let output = try run("ip netns exec $\(names[0]) .build/debug/macvtrace \(arguments) --json 2>/dev/null")
    return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
  }

  /// What `ip -s -j -d link` prints of an interface.
  func link(_ name: String, in namespace: String) throws -> [String: Any] {
    let output = try run("ip -n $\(namespace) -s -j -d link show dev \(name)")
    let list = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]]
    return try #require(list?.first { !$0.isEmpty })
  }

  /// The counters of an interface, as `ip -s -j link` prints them.
  func statistics(_ name: String, in namespace: String) throws -> Traffic {
    let all = try #require(try link(name, in: namespace)["stats64"] as? [String: [String: UInt64]])
    let (received, sent) = (all["rx"] ?? [:], all["tx"] ?? [:])
    return Traffic(
      framesIn: received["packets"] ?? 0, framesOut: sent["packets"] ?? 0, bytesIn: received["bytes"] ?? 0,
      bytesOut: sent["bytes"] ?? 0)
  }
}

/// What an interface carried.
struct Traffic: Equatable {
  var framesIn: UInt64 = 0
  var framesOut: UInt64 = 0
  var bytesIn: UInt64 = 0
  var bytesOut: UInt64 = 0

  static func - (left: Traffic, right: Traffic) -> Traffic {
    Traffic(
      framesIn: left.framesIn - right.framesIn, framesOut: left.framesOut - right.framesOut,
      bytesIn: left.bytesIn - right.bytesIn, bytesOut: left.bytesOut - right.bytesOut)
  }
}

extension Observation {
  /// The interface of that name in a namespace of the test.
  func interface(_ name: String, in namespace: String) -> Interface? {
    before.interfaces.first {
      $0.name == name && ($0.namespace == Observed.prefix + namespace || $0.namespace == namespace)
    }
  }

  /// All that was counted at an interface.
  func traffic(_ interface: Interface) -> Traffic {
    counters.filter { $0.interface == interface.id }.reduce(into: Traffic()) { sum, counter in
      if counter.direction == .ingress {
        sum.framesIn += counter.frames
        sum.bytesIn += counter.bytes
      } else {
        sum.framesOut += counter.frames
        sum.bytesOut += counter.bytes
      }
    }
  }
}
