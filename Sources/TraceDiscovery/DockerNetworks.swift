import FoundationEssentials
import TraceModel

/// What is read of a network in the answer to `GET /networks` (Docker Engine API).
struct DockerNetwork: Decodable {
  var Name: String?
  var Driver: String?
  var Internal: Bool?
  var Options: [String: String]?

  /// The network, if it shares an interface of the host and has a name of sensible length.
  var shared: ContainerNetwork? {
    guard let driver = Driver, driver == "macvlan" || driver == "ipvlan", let name = Name,
      (1...255).contains(name.utf8.count)
    else { return nil }
    let parent = Options?["parent"].flatMap { (1...64).contains($0.utf8.count) ? $0 : nil }
    let mode = Options?["\(driver)_mode"].flatMap { (1...16).contains($0.utf8.count) ? $0 : nil }
    return ContainerNetwork(
      name: name, driver: driver, parent: parent, mode: mode, isInternal: Internal ?? false)
  }
}
