import LinuxNamespaces
import Netlink

/// By which ids the parent's namespace knows others: the kernel sends notifications from those alone.
struct NamespaceIDs {
  private var ids: [NamespaceIdentity: Int32] = [:]
  private var identities: [Int32: NamespaceIdentity] = [:]

  /// The namespaces that are heard.
  var heard: Set<NamespaceIdentity> { Set(ids.keys) }

  /// The namespace of that id.
  subscript(_ id: Int32) -> NamespaceIdentity? { identities[id] }

  /// Drops the id of a namespace that has ended; the kernel gives it again.
  mutating func end(_ id: Int32) -> NamespaceIdentity? {
    guard let identity = identities.removeValue(forKey: id) else { return nil }
    ids[identity] = nil
    return identity
  }

  /// Whether a namespace that is heard still lives.
  func isAlive(_ namespace: NamespaceIdentity, _ socket: NetlinkSocket) -> Bool {
    ids[namespace].map(socket.isAlive) ?? false
  }

  /// Drops all: some may have ended without a word.
  mutating func forgetAll() { self = NamespaceIDs() }

  /// Learns the ids of namespaces, and has one given to those that are observed and have none.
  ///
  /// That is what the kernel does itself as soon as somebody lists a link from one to the other; it changes nothing
  /// for either. A namespace that cannot be opened, or ended meanwhile, stays unheard.
  ///
  /// - Returns: those that are heard from now on: what changed in them since they were read is told by nobody.
  mutating func learn(_ found: [FoundNamespace], observed: Set<NamespaceIdentity>, _ socket: NetlinkSocket)
    -> Set<NamespaceIdentity>
  {
    var new: Set<NamespaceIdentity> = []
    for one in found where ids[one.identity] == nil {
      guard let namespace = try? one.open(), let id = try? Self.id(of: namespace, observed, socket) else {
        continue
      }
      if let previous = identities[id] { ids[previous] = nil }
      ids[one.identity] = id
      identities[id] = one.identity
      new.insert(one.identity)
    }
    return new
  }

  private static func id(
    of namespace: NetworkNamespace, _ observed: Set<NamespaceIdentity>, _ socket: NetlinkSocket
  ) throws(NetlinkError) -> Int32? {
    if let id = try socket.namespaceID(of: namespace) { return id }
    guard observed.contains(namespace.identity) else { return nil }
    try socket.assignNamespaceID(to: namespace)
    return try socket.namespaceID(of: namespace)
  }
}
