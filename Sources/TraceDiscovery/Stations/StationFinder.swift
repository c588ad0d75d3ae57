import LinuxNamespaces
import Netlink
public import NetworkAddresses
import SystemPackage
public import TraceModel

/// Finds whom a person means: by a container's name, an address, an interface or a namespace.
public struct StationFinder {
  let survey: NamespaceSurvey
  private let docker: DockerEngine

  /// Looks into every network namespace once.
  ///
  /// - Throws: `DiscoveryError` when not even the calling thread's can be read.
  public init(docker: DockerEngine = DockerEngine()) throws {
    self.docker = docker
    do {
      survey = try NamespaceSurvey()
    } catch {
      throw DiscoveryError("read the network namespaces", error)
    }
  }

  /// The calling thread's namespace.
  public var host: Station {
    Station(label: "this host", namespace: survey.places.first?.inode)
  }

  /// Who is to send: always somebody on this machine.
  ///
  /// - Parameter target: whom it is to reach: its address has to be of that family.
  public func sender(_ text: String?, to target: IPAddress?) throws(DiscoveryError) -> Station {
    guard let text else { return host }
    var station = try find(text, near: nil)
    guard let inode = station.namespace else {
      throw Self.unknown(
        text, "no interface on this machine has the address \(text): nothing can be sent from there")
    }
    // What was named by its address or its interface sends by that; else the route says from which.
    let isExact = IPAddress(text) != nil || station.interface != nil && survey.place(inode)?.label != text
    guard let target else { return station }
    let own = addresses(of: station).filter { $0.isIPv4 == target.isIPv4 }
    if own.isEmpty {
      throw DiscoveryError(
        .system, "\(station.label) has no \(target.isIPv4 ? "IPv4" : "IPv6") address",
        errno: .addressNotAvailable,
        hint: "give it one, or ask for an address of the other family")
    }
    if !isExact || station.address?.isIPv4 != target.isIPv4 { station.address = nil }
    return station
  }

  /// Whom it is for. An address that nobody on this machine has is somebody's elsewhere, or nobody's.
  ///
  /// - Parameter sender: of several addresses the one in a network of the sender's is meant.
  public func target(_ text: String, near sender: Station? = nil) throws(DiscoveryError) -> Station {
    let station = try find(text, near: sender)
    if station.address == nil {
      throw DiscoveryError(
        .system, "\(station.label) has no address to be reached by", errno: .addressNotAvailable,
        hint: "give it one, or name the address that is meant")
    }
    return station
  }

  /// Every address of a station's namespace that others can send to.
  private func addresses(of station: Station) -> [IPAddress] {
    guard let place = station.namespace.flatMap(survey.place) else { return [] }
    return place.addresses.filter { place.link($0.ifindex)?.isLoopback == false }
      .filter { station.interface == nil || station.interface?.ifindex == $0.ifindex }
      .map(\.prefix.address)
  }

  private func find(_ text: String, near sender: Station?) throws(DiscoveryError) -> Station {
    if let address = IPAddress(text) {
      guard let owner = owner(of: address, near: sender) else {
        return Station(label: text, address: address)
      }
      return Station(
        label: label(owner.place, owner.link), namespace: owner.place.inode,
        interface: InterfaceID(namespace: owner.place.inode, ifindex: owner.link.ifindex), address: address)
    }
    if let place = survey.places.first, let link = place.links.first(where: { $0.name == text }) {
      return station(text, in: place, link: link, near: sender)
    }
    if let inode = docker.namespace(ofContainer: text), let place = survey.place(inode) {
      return station(text, in: place, near: sender)
    }
    if let place = survey.places.first(where: { $0.found.names.contains(text) }) {
      return station(text, in: place, near: sender)
    }
    let others = survey.places.flatMap { place in
      place.links.filter { $0.name == text }.map { (place: place, link: $0) }
    }
    if others.count == 1 { return station(text, in: others[0].place, link: others[0].link, near: sender) }
    if others.count > 1 {
      throw Self.unknown(
        text,
        "\(others.count) namespaces have an interface \(text): \(others.prefix(8).map(\.place.label).joined(separator: ", "))"
      )
    }
    throw Self.unknown(text, "no container, address, interface or namespace is called \(text)")
  }

  /// Who has the address. Networks of one machine may use the same ones, and link-local ones are everybody's: the owner on
  /// the sender's own parent is meant; without one there, an owner that is the only one.
  func owner(of address: IPAddress, near sender: Station?) -> (
    place: NamespaceSurvey.Place, link: Netlink.Link
  )? {
    let owners = survey.owners(of: address)
    guard owners.count > 1 else { return owners.first }
    let place = sender?.namespace.flatMap(survey.place) ?? survey.places.first
    let own = place.map { place in
      Set(place.links.filter { !$0.isLoopback }.map { key(survey.bottom(of: $0, in: place)) })
    }
    let near = owners.filter { own?.contains(key(survey.bottom(of: $0.link, in: $0.place))) == true }
    return near.first ?? (Set(owners.map(\.place.inode)).count == 1 ? owners[0] : nil)
  }

  private func key(_ bottom: (place: NamespaceSurvey.Place, link: Netlink.Link)) -> InterfaceID {
    InterfaceID(namespace: bottom.place.inode, ifindex: bottom.link.ifindex)
  }

  private static func unknown(_ text: String, _ what: String) -> DiscoveryError {
    DiscoveryError(
      .noSuchInterface, what, errno: .noSuchDevice,
      hint:
        "`macvtrace list` shows what is there; a container has to run, and is found by DOCKER_HOST's engine")
  }

  private func label(_ place: NamespaceSurvey.Place, _ link: Netlink.Link) -> String {
    place.found.isCurrent && link.isStacked && InterfaceKind(of: link)?.isChild == true
      ? link.name : place.label
  }

  /// A namespace's station: the address that a sender would use, of `link` alone if that is given.
  private func station(
    _ text: String, in place: NamespaceSurvey.Place, link: Netlink.Link? = nil, near sender: Station?
  ) -> Station {
    let candidates = place.addresses.filter { own in
      guard let owner = place.link(own.ifindex), !owner.isLoopback else { return false }
      return link == nil || owner.ifindex == link?.ifindex
    }
    let networks = sender?.namespace.flatMap(survey.place)?.addresses.map(\.prefix) ?? []
    // In the sender's network, of a macvlan child, IPv4, no link-local one: in this order.
    let rank = { (own: Netlink.Address) -> Int in
      let address = own.prefix.address
      let isNear = networks.contains { $0.contains(address) && !address.isLinkLocal }
      let isChild = place.link(own.ifindex)?.isStacked == true
      return (address.isLinkLocal ? 8 : 0) + (isNear ? 0 : 4) + (isChild ? 0 : 2) + (address.isIPv4 ? 0 : 1)
    }
    let best = candidates.min { rank($0) < rank($1) }
    let interface = link?.ifindex ?? best?.ifindex
    return Station(
      label: text, namespace: place.inode,
      interface: interface.map { InterfaceID(namespace: place.inode, ifindex: $0) },
      address: best?.prefix.address)
  }
}
