import NetworkAddresses
import TraceModel

/// Shell commands filled with this host's names, as a person would type them in the parent's namespace.
struct Commands {
  let context: DiagnosisContext

  /// Runs a command in an interface's namespace.
  func inside(_ interface: Interface, _ command: String) -> String {
    inside(interface.id.namespace, command)
  }

  /// Runs a command in a namespace.
  func inside(_ namespace: UInt64, _ command: String) -> String {
    guard namespace != context.parent.id.namespace, let state = context.topology.namespace(namespace) else {
      return command
    }
    if let name = state.netnsName { return "ip netns exec \(Self.quoted(name)) \(command)" }
    if let pid = state.pid { return "nsenter --net=/proc/\(pid)/ns/net \(command)" }
    return command
  }

  /// A new macvlan, or what `type` says, beside the parent, through which this host reaches its children. For IPv4 it needs no address of
  /// its own, as the host's stands in the routes; for IPv6 it has the host's as well, because neighbor solicitations
  /// are answered only for addresses of the interface where they come in (RFC 4861, 7.2.3).
  func shim(
    to children: [IPAddress], source: IPAddress, on lower: Interface, type: String = "macvlan mode bridge"
  ) -> [String] {
    let parent = Self.quoted(lower.name)
    return [
      "ip link add \(Self.shimName) link \(parent) type \(type)",
      "ip link set \(Self.shimName) up",
    ]
      + (source.isIPv4 || source.isLinkLocal
        ? [] : ["ip address add \(IPPrefix(host: source)) dev \(Self.shimName) nodad"])
      + children.map { address in
        "ip route add \(IPPrefix(host: address)) dev \(Self.shimName) src \(source)"
      }
  }

  /// A locally administered MAC address that no interface here has; the same for the same interface.
  func unusedMAC(for interface: Interface) -> MACAddress {
    let base = (interface.id.namespace & 0xffff) << 8 | UInt64(interface.id.ifindex & 0xff)
    for offset in 0..<256 {
      let mac = MACAddress(rawValue: 0x026d_7600_0000 | (base &+ UInt64(offset)) & 0xff_ffff)
      if !context.isLocal(mac) { return mac }
    }
    return MACAddress(rawValue: 0x026d_7600_0000)
  }

  static let shimName = "macvtrace-shim"

  /// Changes a child's mode where the kernel allows it, else makes the child anew with its addresses.
  func setBridgeMode(_ child: Interface) -> [String] {
    let name = Self.quoted(child.name)
    guard child.mode == .passthru else {
      return [inside(child, "ip link set dev \(name) type macvlan mode bridge")]
    }
    // Into and out of passthru the kernel refuses to change (drivers/net/macvlan.c, macvlan_changelink).
    let state = context.topology.namespace(child.id.namespace)
    let place = state?.netnsName.map { Self.quoted($0) } ?? state?.pid.map { "\($0)" }
    let address = child.addresses.filter { !$0.address.isLinkLocal }
    let gateway = state?.routes.first {
      $0.interface == child.id && $0.destination.length == 0 && $0.table == 254 && $0.gateway != nil
    }?.gateway
    return [
      inside(child, "ip link delete \(name)"),
      "ip link add link \(Self.quoted((context.lower(of: child) ?? context.parent).name)) name \(name) \(place.map { "netns \($0) " } ?? "")"
        + "type macvlan mode bridge",
    ]
      + address.map { inside(child, "ip address add \($0) dev \(name)\($0.address.isIPv4 ? "" : " nodad")") }
      + [inside(child, "ip link set \(name) up")]
      + (gateway.map { [inside(child, "ip route add default via \($0)")] } ?? [])
  }

  /// A word that a shell takes as it is.
  static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy {
      ($0 >= 48 && $0 <= 57) || ($0 | 0x20 >= 97 && $0 | 0x20 <= 122) || [45, 46, 95, 58, 64].contains($0)
    }
    return plain && !word.isEmpty
      ? word
      : "'"
        + word.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
  }
}
