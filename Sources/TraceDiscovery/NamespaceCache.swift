import LinuxNamespaces

/// How far a look goes to find the namespaces.
enum NamespaceReach {
  /// Wherever they may be.
  case everywhere
  /// To what is known, and so far else.
  case near(NamespaceScan.Reach, isAlive: (NamespaceIdentity) -> Bool)
}

/// What the last looks found in other namespaces than the parent's, so that the next one enters those alone in which
/// something changed.
struct NamespaceCache {
  /// `nil` for a namespace with nothing of interest.
  private var views: [NamespaceIdentity: NamespaceView?] = [:]

  /// The namespaces that the last look found, whether or not they were entered.
  private(set) var present: [FoundNamespace] = []

  /// Those that were of interest at the end of the last look.
  private var observed: Set<NamespaceIdentity> = []

  /// Namespaces that a search for all holders found.
  var held: [FoundNamespace] = []

  /// Processes that the last scan that reached to processes could not look into.
  private(set) var unreadableProcesses = 0

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
  /// One that is not found and yet alive stays as it is known: word comes from it. Where it has to be entered, it is looked
  /// for further.
  func scan(_ reach: NamespaceReach) -> NamespaceScan {
    guard case .near(let first, let isAlive) = reach else { return NamespaceScan() }
    for reach in [first, .processes] {
      var scan = NamespaceScan(reaching: reach, known: present + held)
      let lost = observed.filter { scan.namespace($0) == nil && isAlive($0) }
      guard lost.allSatisfy({ views[$0] != nil }) else { continue }
      for one in present where lost.contains(one.identity) { scan.add(one) }
      return scan
    }
    return NamespaceScan()
  }

  /// Ends a look: what is of interest now must not get lost.
  mutating func settle() { observed = ofInterest }

  /// Takes the kernel's word that a namespace has ended.
  mutating func end(_ namespace: NamespaceIdentity) {
    forget(namespace)
    observed.remove(namespace)
  }

  /// Takes over what there is, and drops what is gone.
  mutating func keep(_ scan: NamespaceScan) {
    present = scan.namespaces
    unreadableProcesses = scan.unreadableProcesses ?? unreadableProcesses
    let identities = Set(present.map(\.identity))
    views = views.filter { identities.contains($0.key) }
  }
}
