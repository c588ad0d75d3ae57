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

  /// Bits per second that arrived in a second.
  func measure() throws -> Double {
    let result = try CommandRunner.run(
      ["iperf3", "-c", IPAddress.v4(PathNetwork.nearAddress).description, "-t", "1", "-J"] + Self.affinity,
      in: network.far)
    guard result.status == 0,
      let run = try? JSONDecoder().decode(Run.self, from: Data(result.output.utf8))
    else { throw BenchError("iperf3: \(result.output)") }
    return run.end.received.rate
  }

  /// The client on CPU 0, the server on CPU 1.
  private static let affinity = sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 ? ["-A", "0,1"] : []

  private struct Run: Decodable {
    struct End: Decodable {
      let received: Sum
      enum CodingKeys: String, CodingKey { case received = "sum_received" }
    }
    struct Sum: Decodable {
      let rate: Double
      enum CodingKeys: String, CodingKey { case rate = "bits_per_second" }
    }
    let end: End
  }
}
