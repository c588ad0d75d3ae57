import CLinux
import Glibc
import LinuxNamespaces
import NetworkAddresses

/// A socket to which others send or connect.
final class ListeningSocket: Sendable {
  enum Kind { case datagram, stream }

  let descriptor: CInt
  let port: UInt16

  /// Binds one in a namespace (`nil`: the calling thread's), at a port or at any that is free.
  ///
  /// - Parameters:
  ///   - address: where it listens.
  ///   - scope: the interface of a link-local address, else 0.
  ///   - patience: milliseconds after which a receive gives up.
  init(
    _ kind: Kind, at address: IPAddress, port: UInt16 = 0, scope: UInt32 = 0, patience: UInt32 = 50,
    in namespace: NetworkNamespace?
  ) throws {
    let octets = address.octets
    let type = CInt(kind == .datagram ? SOCK_DGRAM.rawValue : SOCK_STREAM.rawValue)
    let make = { @Sendable () throws -> CInt in
      let socket = clinux_bound_socket(type, octets, CInt(octets.count), port, scope, patience)
      guard socket >= 0 else {
        throw MeasurementError(refused: "listen at \(address)\(port == 0 ? "" : ", port \(port)")", errno)
      }
      return socket
    }
    descriptor = try namespace?.run(make) ?? make()
    self.port = UInt16(clamping: clinux_local_port(descriptor))
  }

  deinit { close(descriptor) }
}
