import CLinux
import Glibc
public import LinuxNamespaces
public import NetworkAddresses

/// Where a load comes from.
public struct LoadSource: Sendable {
  /// The sender's namespace; `nil`: the calling thread's.
  public var namespace: NetworkNamespace?
  /// The sender's address; `nil`: the one that its route gives it.
  public var address: IPAddress?
  /// The interface by which a link-local address is reached; 0 for any other.
  public var scope: UInt32

  /// Describes a source.
  public init(namespace: NetworkNamespace?, address: IPAddress?, scope: UInt32 = 0) {
    self.namespace = namespace
    self.address = address
    self.scope = scope
  }
}

/// A socket by which a load is sent, or the far end is asked.
final class ConnectedSocket: Sendable {
  let descriptor: CInt

  /// Connects one in the source's namespace.
  ///
  /// - Parameter patience: milliseconds after which a receive gives up, and connecting a stream.
  init(
    _ kind: ListeningSocket.Kind, from source: LoadSource, to address: IPAddress, port: UInt16,
    patience: UInt32
  ) throws {
    let octets = address.octets
    let own = source.address?.octets
    let type = CInt(kind == .datagram ? SOCK_DGRAM.rawValue : SOCK_STREAM.rawValue)
    let make = { @Sendable () throws -> CInt in
      let count = CInt(octets.count)
      let socket =
        if let own {
          clinux_connected_socket(type, own, octets, count, port, source.scope, patience)
        } else {
          clinux_connected_socket(type, nil, octets, count, port, source.scope, patience)
        }
      guard socket >= 0 else {
        // A stream whose connecting takes too long ends so.
        let cause = errno == EINPROGRESS || errno == EAGAIN ? ETIMEDOUT : errno
        throw MeasurementError(refused: "connect to \(address), port \(port)", cause)
      }
      return socket
    }
    descriptor = try source.namespace?.run(make) ?? make()
  }

  deinit { close(descriptor) }
}
