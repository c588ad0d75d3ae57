import FoundationEssentials
import Glibc
import LinuxNamespaces
import NetworkAddresses
import SystemPackage
public import TraceModel

/// Names containers by the Docker Engine API (docs.docker.com/engine/api), if an engine runs on this machine.
public struct DockerEngine: ContainerNaming {
  private let host: String

  /// - Parameter environment: `DOCKER_HOST` is honored where it names a unix socket; another transport is left
  ///   alone, as an engine on another machine does not own these interfaces.
  public init(environment: [String: String] = ["DOCKER_HOST": Self.dockerHost()]) {
    host = environment["DOCKER_HOST"] ?? ""
  }

  /// The variable as this process got it; empty when it is not set.
  public static func dockerHost() -> String {
    getenv("DOCKER_HOST").map { String(cString: $0) } ?? ""
  }

  /// Milliseconds for all requests together: an engine that hangs must not hang the trace.
  private static let timeout: Int32 = 1000
  /// The most networks that are kept.
  private static let networkLimit = 1024
  /// The most containers that are asked for one by one.
  private static let inspectLimit = 64

  /// Finds each child's container by its MAC address; where that is not one container's alone, as an ipvlan child's
  /// never is, by the namespace of the container's process.
  ///
  /// What was learned before a failure stands.
  public func names(for children: [Interface], limitations: inout [Degradation]) -> [InterfaceID: Container] {
    var names: [InterfaceID: Container] = [:]
    do throws(HTTPFailure) {
      switch DockerSocket(host: host) {
      case .absent: break
      case .unsupported(let host):
        throw HTTPFailure(
          reason: "is not asked: DOCKER_HOST is \(host.prefix(64)), and only unix:// is supported")
      case .unix(let path):
        try ask(UnixHTTP(path: path, deadline: Deadline(milliseconds: Self.timeout)), children, &names)
      }
    } catch {
      limitations.append(
        Degradation(feature: "container names", consequence: "some may be missing: Docker \(error.reason)"))
    }
    return names
  }

  /// A stream on which the engine writes when a container starts, ends, is renamed, or joins or leaves a network; to be
  /// closed by the caller. `nil` when no engine answers.
  func events() -> FileDescriptor? {
    guard case .unix(let path) = DockerSocket(host: host) else { return nil }
    let http = UnixHTTP(path: path, deadline: Deadline(milliseconds: Self.timeout))
    // {"type":["container","network"],"event":["start","die","rename","connect","disconnect"]}
    return try? http.stream(
      "/events?filters=%7B%22type%22%3A%5B%22container%22%2C%22network%22%5D%2C%22event%22%3A%5B%22start%22%2C"
        + "%22die%22%2C%22rename%22%2C%22connect%22%2C%22disconnect%22%5D%7D")
  }

  private func ask(_ http: UnixHTTP, _ children: [Interface], _ names: inout [InterfaceID: Container])
    throws(HTTPFailure)
  {
    let summaries = try Self.decode(
      [DockerSummary].self, try http.get("/containers/json"), "list of containers")
    guard summaries.allSatisfy(\.isValid) else {
      throw HTTPFailure(reason: "listed a container whose id is none")
    }
    var owners: [MACAddress: [Container]] = [:]
    for summary in summaries {
      for endpoint in summary.endpoints {
        guard let mac = endpoint.mac else { continue }
        owners[mac, default: []].append(summary.container(network: endpoint.network))
      }
    }
    for child in children where child.kind != .ipvlan {
      guard let mac = child.mac, let candidates = owners[mac], candidates.count == 1 else { continue }
      names[child.id] = candidates[0]
    }
    let unnamed = children.filter { names[$0.id] == nil && $0.id.namespace != 0 }
    guard !unnamed.isEmpty else { return }
    // An address is no proof, as networks can have the same ones; but it tells whom to ask first.
    let isLikely = { (summary: DockerSummary) in
      summary.endpoints.contains { endpoint in unnamed.contains(where: endpoint.matches) }
    }
    let order = summaries.filter(isLikely) + summaries.filter { !isLikely($0) }
    for summary in order.prefix(Self.inspectLimit) {
      guard let inode = try Self.namespace(of: summary.Id, http) else { continue }
      for child in unnamed where child.id.namespace == inode {
        let network = summary.endpoints.first { $0.matches(child) }?.network
        // Of several containers that share a namespace, the one that brought the interface.
        if network != nil || names[child.id] == nil {
          names[child.id] = summary.container(network: network)
        }
      }
    }
    if summaries.count > Self.inspectLimit, unnamed.contains(where: { names[$0.id] == nil }) {
      throw HTTPFailure(
        reason: "runs \(summaries.count) containers, of which \(Self.inspectLimit) were asked for one by one")
    }
  }

  /// The engine's networks with the driver macvlan or ipvlan; none where no engine answers.
  public func networks() -> [ContainerNetwork] {
    guard case .unix(let path) = DockerSocket(host: host) else { return [] }
    let http = UnixHTTP(path: path, deadline: Deadline(milliseconds: Self.timeout))
    guard let answer = try? http.get("/networks"),
      let all = try? Self.decode([DockerNetwork].self, answer, "list of networks")
    else { return [] }
    return all.compactMap(\.shared).prefix(Self.networkLimit).sorted { $0.name < $1.name }
  }

  /// The inode of the namespace of a running container, by its name or the beginning of its id; `nil` where there is
  /// none, or no engine answers.
  func namespace(ofContainer name: String) -> UInt64? {
    let isName = name.utf8.allSatisfy {
      ($0 >= 48 && $0 <= 57) || ($0 | 0x20 >= 97 && $0 | 0x20 <= 122) || [45, 46, 95].contains($0)
    }
    guard isName, (1...255).contains(name.utf8.count), case .unix(let path) = DockerSocket(host: host) else {
      return nil
    }
    let http = UnixHTTP(path: path, deadline: Deadline(milliseconds: Self.timeout))
    return try? Self.namespace(of: name, http)
  }

  /// The inode of the namespace that a container's process lives in; `nil` when the container has ended.
  private static func namespace(of id: String, _ http: UnixHTTP) throws(HTTPFailure) -> UInt64? {
    let answer: ArraySlice<UInt8>
    do {
      answer = try http.get("/containers/\(id)/json")
    } catch {
      if error.status == "404" { return nil }
      throw error
    }
    let details = try decode(DockerDetails.self, answer, "description of a container")
    guard let pid = details.State?.Pid, pid > 0 else { return nil }
    return (try? NetworkNamespace.process(pid))?.identity.inode
  }

  private static func decode<Value: Decodable>(_ type: Value.Type, _ body: ArraySlice<UInt8>, _ what: String)
    throws(HTTPFailure) -> Value
  {
    do {
      return try JSONDecoder().decode(type, from: Data(body))
    } catch {
      throw HTTPFailure(reason: "sent a \(what) that cannot be read")
    }
  }
}
