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
  /// Where the sender's router sits, when that is yet another parent of this machine.
  public let router: Parent?
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
      guard let bottom = bottom(id), bottom.link.canBeParent else { continue }
      let target = to.interface.flatMap(self.bottom)
      let router = lookup.route?.gateway.flatMap { owner(of: $0, near: from) }
        .map { survey.bottom(of: $0.link, in: $0.place) }
      return ProbePath(
        near: ProbePath.Parent(name: bottom.link.name, namespace: try open(bottom.place)),
        far: try parent(target, otherThan: [bottom]),
        router: try parent(router, otherThan: [bottom] + [target].compactMap(\.self)),
        senderNamespace: sender, lookup: lookup, scope: scope)
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

  private typealias Bottom = (place: NamespaceSurvey.Place, link: Netlink.Link)

  private func bottom(_ id: InterfaceID) -> Bottom? {
    survey.place(id.namespace).flatMap { place in
      place.link(id.ifindex).map { survey.bottom(of: $0, in: place) }
    }
  }

  /// A parent to watch beside others.
  private func parent(_ bottom: Bottom?, otherThan others: [Bottom]) throws(DiscoveryError)
    -> ProbePath.Parent?
  {
    guard let bottom, bottom.link.canBeParent else { return nil }
    let isKnown = others.contains {
      $0.place.inode == bottom.place.inode && $0.link.ifindex == bottom.link.ifindex
    }
    return isKnown ? nil : ProbePath.Parent(name: bottom.link.name, namespace: try open(bottom.place))
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
      let interface = scope == 0 ? nil : scope
      var route = try socket.route(to: destination, from: source, ifindex: interface)
      // As when a socket is connected: once the source is known, it is looked up again (ip_route_connect in
      // include/net/route.h), and a rule may be for that source.
      if source == nil, let preferred = route.preferredSource {
        lookup.source = preferred
        route = try socket.route(to: destination, from: preferred, ifindex: interface)
        route.preferredSource = route.preferredSource ?? preferred
      }
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
