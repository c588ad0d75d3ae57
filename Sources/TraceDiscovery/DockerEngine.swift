import FoundationEssentials
import Glibc
import LinuxNamespaces
import NetworkAddresses
public import TraceModel

/// Names containers by the Docker Engine API (docs.docker.com/engine/api), if an engine runs on this machine.
public struct DockerEngine: ContainerNaming {
  private let socketPath: String?

  /// - Parameter environment: `DOCKER_HOST` is honored where it names a unix socket; another transport is left
  ///   alone, as an engine on another machine does not own these interfaces.
  public init(environment: [String: String] = ["DOCKER_HOST": Self.dockerHost()]) {
    let host = environment["DOCKER_HOST"] ?? ""
    if host.isEmpty {
      socketPath = "/var/run/docker.sock"
    } else {
      socketPath = host.hasPrefix("unix://") ? String(host.dropFirst("unix://".count)) : nil
    }
  }

  /// The variable as this process got it; empty when it is not set.
  public static func dockerHost() -> String {
    getenv("DOCKER_HOST").map { String(cString: $0) } ?? ""
  }

  /// Milliseconds for one request: an engine that hangs must not hang the trace.
  private static let timeout: Int32 = 1000
  /// The most containers that are asked for one by one.
  private static let inspectLimit = 64

  private struct Summary: Decodable {
    struct NetworkSettings: Decodable { var Networks: [String: Endpoint]? }
    var Id: String
    var Names: [String]?
    var NetworkSettings: NetworkSettings?
  }

  private struct Endpoint: Decodable { var MacAddress: String? }

  private struct Details: Decodable {
    struct State: Decodable { var Pid: Int32? }
    var State: State?
  }

  /// Finds each child's container by its MAC address; where that is not one container's alone, by the namespace
  /// of the container's process.
  public func names(for children: [Interface]) -> [InterfaceID: Container] {
    guard let socketPath, access(socketPath, W_OK) == 0 else { return [:] }
    let http = UnixHTTP(path: socketPath, timeout: Self.timeout)
    guard let body = http.get("/containers/json"),
      let summaries = try? JSONDecoder().decode([Summary].self, from: Data(body))
    else { return [:] }
    var owners: [MACAddress: [Container]] = [:]
    for summary in summaries {
      for (network, endpoint) in summary.NetworkSettings?.Networks ?? [:] {
        guard let mac = endpoint.MacAddress.flatMap({ MACAddress($0) }) else { continue }
        owners[mac, default: []].append(Self.container(summary, network: network))
      }
    }
    var names: [InterfaceID: Container] = [:]
    for child in children {
      guard let mac = child.mac, let candidates = owners[mac], candidates.count == 1 else { continue }
      names[child.id] = candidates[0]
    }
    let unnamed = children.filter { names[$0.id] == nil && $0.id.namespace != 0 && $0.namespace != "host" }
    guard !unnamed.isEmpty else { return names }
    for summary in summaries.prefix(Self.inspectLimit) {
      guard let body = http.get("/containers/\(summary.Id)/json"),
        let details = try? JSONDecoder().decode(Details.self, from: Data(body)),
        let pid = details.State?.Pid, pid > 0, let namespace = try? NetworkNamespace.process(pid)
      else { continue }
      for child in unnamed where child.id.namespace == namespace.identity.inode {
        let networks = summary.NetworkSettings?.Networks ?? [:]
        let network = networks.first { $0.value.MacAddress.flatMap { MACAddress($0) } == child.mac }?.key
        names[child.id] = Self.container(summary, network: network)
      }
    }
    return names
  }

  private static func container(_ summary: Summary, network: String?) -> Container {
    let name = summary.Names?.first.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
    return Container(runtime: "docker", name: name ?? String(summary.Id.prefix(12)), network: network)
  }
}
