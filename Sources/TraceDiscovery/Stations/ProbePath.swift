public import LinuxNamespaces
import Netlink
import NetworkAddresses
import SystemPackage
public import TraceModel

/// From where a probe is sent, and at which parent it is watched.
public struct ProbePath: Sendable {
  /// An interface to watch.
  public struct Parent: Sendable {
    /// Its name in its namespace.
    public let name: String
    /// Its namespace.
    public let namespace: NetworkNamespace
  }

  /// Where what is sent leaves this host.
  public let near: Parent
  /// Where it comes in again, when the target sits on another parent of this machine.
  public let far: Parent?
  /// The sender's namespace.
  public let senderNamespace: NetworkNamespace
  /// What the sender's kernel says of the way.
  public let lookup: RouteLookup
  /// The number of the interface by which a link-local address is reached; 0 for any other.
  public let scope: UInt32
}

extension StationFinder {
  /// Where to watch what `from` sends to `to`: at the parent that the sender's route leads out of, or would lead were it
  /// up; where it has no route, at the one that the sender or the target sits on.
  ///
  /// - Throws: `DiscoveryError` where neither sits on an Ethernet interface.
  public func path(from: Station, to: Station) throws(DiscoveryError) -> ProbePath {
    guard let inode = from.namespace, let place = survey.place(inode), let destination = to.address else {
      throw DiscoveryError(
        .noSuchInterface, "\(from.label) is gone", errno: .noSuchDevice, hint: "try again")
    }
    let own = from.interface ?? firstChild(of: place)
    let sender = try open(place)
    let scope = destination.isLinkLocal ? own?.ifindex ?? to.interface?.ifindex ?? 0 : 0
    let lookup = try ask(place, destination, from.address, scope, in: sender)
    let candidates = [down(of: place, by: destination), lookup.route?.interface, own, to.interface].compactMap
    { $0 }
    for id in candidates {
      guard let place = survey.place(id.namespace), let link = place.link(id.ifindex) else { continue }
      let bottom = survey.bottom(of: link, in: place)
      guard bottom.link.canBeParent else { continue }
      return ProbePath(
        near: ProbePath.Parent(name: bottom.link.name, namespace: try open(bottom.place)),
        far: try parent(of: to, otherThan: bottom), senderNamespace: sender, lookup: lookup, scope: scope)
    }
    let way =
      lookup.error.map { "has no route to \(destination) (\($0))" }
      ?? "reaches \(destination) by no Ethernet interface"
    throw DiscoveryError(
      .unsupportedInterface, "\(from.label) \(way), and neither sits on a parent that could be watched",
      errno: .networkUnreachable, hint: "`macvtrace list` shows the parents that there are")
  }

  /// The namespace of a station; `nil` where that is not on this machine.
  public func open(_ station: Station) throws(DiscoveryError) -> NetworkNamespace? {
    guard let place = station.namespace.flatMap(survey.place) else { return nil }
    return try open(place)
  }

  /// The parent that a station sits on, when that is another one.
  private func parent(of station: Station, otherThan near: (place: NamespaceSurvey.Place, link: Netlink.Link))
    throws(DiscoveryError) -> ProbePath.Parent?
  {
    guard let id = station.interface, let place = survey.place(id.namespace),
      let link = place.link(id.ifindex)
    else { return nil }
    let bottom = survey.bottom(of: link, in: place)
    let isSame = bottom.place.inode == near.place.inode && bottom.link.ifindex == near.link.ifindex
    guard !isSame, bottom.link.canBeParent else { return nil }
    return ProbePath.Parent(name: bottom.link.name, namespace: try open(bottom.place))
  }

  /// The interface that is in the destination's network, and down: were it up, the way would lead out of it.
  private func down(of place: NamespaceSurvey.Place, by destination: IPAddress) -> InterfaceID? {
    place.addresses.first { own in
      own.prefix.contains(destination) && place.link(own.ifindex)?.isUp == false
    }
    .map { InterfaceID(namespace: place.inode, ifindex: $0.ifindex) }
  }

  /// The macvlan or ipvlan child of a namespace that is no host's.
  private func firstChild(of place: NamespaceSurvey.Place) -> InterfaceID? {
    guard !place.found.isCurrent else { return nil }
    return place.links.first(where: \.isStacked).map {
      InterfaceID(namespace: place.inode, ifindex: $0.ifindex)
    }
  }

  private func open(_ place: NamespaceSurvey.Place) throws(DiscoveryError) -> NetworkNamespace {
    do {
      return try place.found.isCurrent ? NetworkNamespace.current() : place.found.open()
    } catch {
      throw DiscoveryError("enter \(place.label)", error)
    }
  }

  private func ask(
    _ place: NamespaceSurvey.Place, _ destination: IPAddress, _ source: IPAddress?, _ scope: UInt32,
    in namespace: NetworkNamespace
  ) throws(DiscoveryError) -> RouteLookup {
    var lookup = RouteLookup(namespace: place.inode, destination: destination, source: source)
    do {
      let socket = try NetlinkSocket(in: namespace)
      let route = try socket.route(to: destination, from: source, ifindex: scope == 0 ? nil : scope)
      lookup.route = RouteEntry(route, in: place.inode)
    } catch let error as NetlinkError {
      lookup.error = error.errno.symbol
    } catch {
      throw DiscoveryError("ask \(place.label) for its route", error)
    }
    return lookup
  }
}

extension RouteEntry {
  /// Reads a route of a namespace.
  init(_ route: Route, in namespace: UInt64) {
    self.init(
      destination: route.destination, gateway: route.gateway,
      interface: route.ifindex.map { InterfaceID(namespace: namespace, ifindex: $0) },
      preferredSource: route.preferredSource, metric: route.metric, table: route.table, type: route.typeName,
      origin: route.isRedirected ? "redirect" : route.originName)
  }
}
