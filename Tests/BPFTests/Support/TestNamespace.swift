import Foundation
import LinuxNamespaces
import Synchronization

/// A network namespace of one test, whose loopback is up; removed with this value.
final class TestNamespace: Sendable {
  private static let count = Atomic(0)
  /// The loopback's index in every namespace.
  static let loopback: UInt32 = 1
  let name: String
  private let namespace: NetworkNamespace

  init() throws {
    name = "mvt\(getpid())-b\(Self.count.add(1, ordering: .relaxed).newValue)"
    namespace = try NetworkNamespace.create(named: name)
    try output(of: ["ip", "-n", name, "link", "set", "lo", "up"])
  }

  deinit {
    try? NetworkNamespace.delete(named: name)
  }

  /// Runs `body` on a thread in the namespace.
  func run<Value: Sendable>(_ body: @Sendable () throws -> Value) throws -> Value { try namespace.run(body) }

  /// Sends one echo request to the loopback's own address: it and its reply pass there, out and in.
  func ping() throws {
    try output(of: ["ip", "netns", "exec", name, "ping", "-c1", "-W2", "127.0.0.1"])
  }
}
