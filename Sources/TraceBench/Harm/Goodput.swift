import FoundationEssentials
import Glibc
import LinuxNamespaces
import NetworkAddresses
import SystemPackage
import TraceLab

/// TCP from the far end to the child, by iperf3, each end on a CPU of its own where there are two.
final class Goodput {
  private let network: PathNetwork
  private let server: ChildProcess

  init(_ network: PathNetwork) throws {
    self.network = network
    let nowhere = try FileDescriptor.open("/dev/null", .writeOnly)
    defer { try? nowhere.close() }
    server = try ChildProcess(["iperf3", "-s"], output: nowhere, errors: nowhere, in: network.near)
    usleep(200_000)
  }

  /// Connections of a measurement: where the kernel puts buffers and threads changes each one's speed by a third, and many
  /// short ones differ less than one that takes as long.
  private static let connections = 10

  /// Bits per second that arrived, over all connections.
  ///
  /// - Parameter octets: that each connection sends.
  func measure(octets: Int) throws -> Double {
    var (arrived, seconds) = (0.0, 0.0)
    for _ in 0..<Self.connections {
      let received = try connect(octets)
      arrived += received.bytes
      seconds += received.seconds
    }
    return 8 * arrived / seconds
  }

  /// Tries again where the server has not started yet, or is not done with the connection before.
  private func connect(_ octets: Int, patience: Int = 20) throws -> Run.Sum {
    let command = [
      "iperf3", "-c", IPAddress.v4(PathNetwork.nearAddress).description, "-n", "\(octets)", "-J",
    ]
    let result = try CommandRunner.run(command + Self.affinity, in: network.far)
    if result.status == 0, let run = try? JSONDecoder().decode(Run.self, from: Data(result.output.utf8)) {
      return run.end.received
    }
    guard patience > 0 else { throw BenchError("iperf3: \(result.output)") }
    usleep(100_000)
    return try connect(octets, patience: patience - 1)
  }

  /// The client on CPU 0, the server on CPU 1.
  private static let affinity = sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 ? ["-A", "0,1"] : []

  private struct Run: Decodable {
    struct End: Decodable {
      let received: Sum
      enum CodingKeys: String, CodingKey { case received = "sum_received" }
    }
    struct Sum: Decodable {
      let bytes: Double
      let seconds: Double
    }
    let end: End
  }
}
