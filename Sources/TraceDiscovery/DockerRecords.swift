import NetworkAddresses
import TraceModel

/// What is read of a container in the answer to `GET /containers/json` (Docker Engine API).
struct DockerSummary: Decodable {
  struct Settings: Decodable { var Networks: [String: DockerEndpoint]? }
  var Id: String
  var Names: [String]?
  var NetworkSettings: Settings?

  /// Whether the id is one: hexadecimal digits, so that it can stand in a request.
  var isValid: Bool {
    (12...64).contains(Id.utf8.count)
      && Id.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// The networks that it is on, with its addresses there.
  var endpoints: [DockerAttachment] {
    (NetworkSettings?.Networks ?? [:]).map { network, endpoint in
      DockerAttachment(
        network: network, mac: endpoint.MacAddress.flatMap { MACAddress($0) },
        addresses: [endpoint.IPAddress, endpoint.GlobalIPv6Address].compactMap { text in
          text.flatMap { NetworkAddresses.IPAddress($0) }
        })
    }
  }

  /// The container as it is on a network; by the first digits of its id where it has no name of sensible length.
  func container(network: String?) -> Container {
    let name = Names?.first.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
    let usable = name.flatMap { (1...255).contains($0.utf8.count) ? $0 : nil }
    return Container(
      runtime: "docker", name: usable ?? String(Id.prefix(12)),
      network: network.flatMap { $0.utf8.count <= 255 ? $0 : nil })
  }
}

/// A container's place in one network.
struct DockerEndpoint: Decodable {
  var MacAddress: String?
  var IPAddress: String?
  var GlobalIPv6Address: String?
}

/// A container's place in one network, read.
struct DockerAttachment {
  var network: String
  var mac: MACAddress?
  var addresses: [NetworkAddresses.IPAddress]

  /// Whether it can be this child: ipvlan children have no MAC address of their own.
  func matches(_ child: Interface) -> Bool {
    child.kind == .ipvlan ? addresses.contains(where: child.owns) : mac != nil && mac == child.mac
  }
}

/// What is read of the answer to `GET /containers/ID/json`.
struct DockerDetails: Decodable {
  struct State: Decodable { var Pid: Int32? }
  var State: State?
}
