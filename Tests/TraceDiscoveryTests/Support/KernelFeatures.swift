/// What not every kernel has.
enum KernelFeatures {
  /// 802.1Q sub-interfaces.
  static let vlan: Bool = {
    guard isRoot, let test = try? TestNamespace() else { return false }
    let made: Void? = try? test.ip("link add p0 type veth peer name p1\nlink add link p0 type vlan id 1")
    return made != nil
  }()
}
