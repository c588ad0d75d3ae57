public import LinuxNamespaces
import Netlink
public import TraceModel

/// What the interfaces of a station are, as far as it decides what is measured.
public enum InterfaceReading {
  /// Reads them.
  ///
  /// - Parameters:
  ///   - ifindex: the one that is meant; `nil`: all that are up, the loopback only where there is no other.
  ///   - place: what a person calls the namespace; `nil` for this host's.
  ///   - programs: other people's programs, by the index of their interface.
  public static func read(
    _ ifindex: UInt32?, in namespace: NetworkNamespace?, _ place: String?, programs: [UInt32: [String]] = [:]
  ) throws -> [MeasuredInterface] {
    let read = { @Sendable () throws -> [MeasuredInterface] in
      let up = try NetlinkSocket().links().filter { ifindex == nil ? $0.isUp : $0.ifindex == ifindex }
      let real = up.filter { !$0.isLoopback }
      return (real.isEmpty ? up : real).map { link in
        MeasuredInterface(
          label: place.map { "\(link.name) in \($0)" } ?? link.name,
          kind: link.isLoopback ? "loopback" : link.kind.isEmpty ? "device" : link.kind, mtu: Int(link.mtu),
          offloads: EnvironmentReading.offloads(of: link.name), programs: programs[link.ifindex] ?? [])
      }
    }
    return try namespace?.run(read) ?? read()
  }
}
