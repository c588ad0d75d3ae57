import LinuxNamespaces

/// What the last looks found in other namespaces than the parent's, so that the next one enters those alone in which
/// something changed.
struct NamespaceCache {
  /// `nil` for a namespace with nothing of interest.
  private var views: [NamespaceIdentity: NamespaceView?] = [:]

  /// The namespaces that the last look found, whether or not they were entered.
  private(set) var present: [FoundNamespace] = []

  /// The namespaces in which something of interest was found.
  var ofInterest: Set<NamespaceIdentity> { Set(views.filter { $0.value != nil }.keys) }

  /// What is known of a namespace; outer `nil`: nothing, it has to be entered.
  func view(of found: FoundNamespace) -> NamespaceView?? {
    guard let known = views[found.identity] else { return nil }
    // Names and processes come and go without a word.
    return .some(known.map { $0.found(as: found) })
  }

  mutating func store(_ view: NamespaceView?, of namespace: NamespaceIdentity) {
    views[namespace] = .some(view)
  }

  /// Has a namespace entered at the next look.
  mutating func forget(_ namespace: NamespaceIdentity) { views.removeValue(forKey: namespace) }

  /// Has all but those entered at the next look.
  mutating func forgetAll(but kept: Set<NamespaceIdentity> = []) {
    views = views.filter { kept.contains($0.key) }
  }

  /// Finds the namespaces that there are.
  ///
  /// Without the threads and the descriptors of every process, unless one that was there is not to be found without.
  func scan(_ reach: NamespaceScan.Reach) -> NamespaceScan {
    if reach == .holders || present.isEmpty { return NamespaceScan() }
    let scan = NamespaceScan(reaching: .processes, known: present)
    return present.allSatisfy { scan.namespace($0.identity) != nil } ? scan : NamespaceScan()
  }

  /// Takes the kernel's word that a namespace has ended.
  mutating func end(_ namespace: NamespaceIdentity) {
    forget(namespace)
    present.removeAll { $0.identity == namespace }
  }

  /// Drops those that are gone.
  mutating func keep(_ found: [FoundNamespace]) {
    present = found
    let identities = Set(found.map(\.identity))
    views = views.filter { identities.contains($0.key) }
  }
}
