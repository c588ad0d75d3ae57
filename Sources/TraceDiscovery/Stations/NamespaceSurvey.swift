import LinuxNamespaces
import Netlink
import NetworkAddresses
import TraceModel

/// The links and addresses of every network namespace that this process may enter, each visited once.
struct NamespaceSurvey {
  /// One namespace as it was found.
  struct Place: Sendable {
    let found: FoundNamespace
    let links: [Netlink.Link]
    let addresses: [Netlink.Address]

    var inode: UInt64 { found.identity.inode }

    /// An interface of it that a person may mean by this namespace: not the loopback.
    func link(_ ifindex: UInt32) -> Netlink.Link? { links.first { $0.ifindex == ifindex } }

    /// What a person calls it.
    var label: String {
      if found.isCurrent { return "this host" }
      return found.names.first.map(NamespaceLabel.named) ?? NamespaceLabel.inode(inode)
    }
  }

  /// That of the calling thread first.
  let places: [Place]

  init() throws {
    var places: [Place] = []
    for found in NamespaceScan().namespaces {
      let read = { @Sendable () throws -> Place in
        let socket = try NetlinkSocket()
        return Place(found: found, links: try socket.links(), addresses: try socket.addresses())
      }
      if found.isCurrent {
        places.insert(try read(), at: 0)
      } else if let place = try? found.visit(read) {
        places.append(place)
      }
    }
    self.places = places
  }

  func place(_ inode: UInt64) -> Place? { places.first { $0.inode == inode } }

  /// Every interface that has the address, one that sits on another first: that is a container's or a shim.
  func owners(of address: IPAddress) -> [(place: Place, link: Netlink.Link)] {
    let all = places.flatMap { place in
      place.addresses.filter { $0.prefix.address == address }
        .compactMap { own in place.link(own.ifindex).map { (place: place, link: $0) } }
    }
    return all.filter { $0.link.isStacked } + all.filter { !$0.link.isStacked }
  }

  /// What the link sits on, in whatever namespace that is; `nil` for a link that sits on nothing. A bridge in a container
  /// has a macvlan child for its port.
  func lower(of link: Netlink.Link, in place: Place) -> (place: Place, link: Netlink.Link)? {
    if link.kind == "bridge" {
      return place.links.first { $0.master == link.ifindex && InterfaceKind(of: $0)?.isChild == true }
        .map { (place, $0) }
    }
    guard link.isStacked, let below = link.link else { return nil }
    guard let id = link.linkNamespaceID else { return place.link(below).map { (place, $0) } }
    let candidates = places.filter { $0.inode != place.inode && $0.link(below) != nil }
    let name = { (other: Place) -> Int32? in
      guard let target = try? other.found.open() else { return nil }
      let ask = { @Sendable () throws -> Int32? in try NetlinkSocket().namespaceID(of: target) }
      let answer = place.found.isCurrent ? try? ask() : try? place.found.visit(ask)
      guard case .some(.some(let name)) = answer else { return nil }
      return name
    }
    return candidates.first { name($0) == id }.flatMap { other in other.link(below).map { (other, $0) } }
  }

  /// The interface that all of it stands on: the parent.
  func bottom(of link: Netlink.Link, in place: Place) -> (place: Place, link: Netlink.Link) {
    var current = (place: place, link: link)
    for _ in 0..<16 {
      guard let below = lower(of: current.link, in: current.place) else { break }
      current = below
    }
    return current
  }
}
