public import LinuxNamespaces
public import NetworkAddresses

/// The end that a load goes to: it answers, receives and serves, on this machine or another.
public protocol FarEnd: AnyObject {
  /// Where it is reached.
  var address: IPAddress { get }
  /// Starts what sends datagrams back, where it does not run yet; its port.
  func echoPort() throws -> UInt16
  /// Starts a server for one stream; its port.
  func streamPort() throws -> UInt16
  /// Starts to count datagrams; the port to which they are to be sent.
  func beginReceiving() throws -> UInt16
  /// Ends that: how many came, and the processor time of receiving them in nanoseconds.
  func endReceiving() throws -> (frames: UInt64, cpuNanoseconds: UInt64)
}

/// A station of this machine.
public final class LocalFarEnd: FarEnd {
  /// Where it is reached.
  public let address: IPAddress
  private let namespace: NetworkNamespace?
  private let scope: UInt32
  private let iperf: Iperf
  private var echo: EchoResponder?
  private var receiver: FrameReceiver?
  private var server: IperfServer?

  /// Describes one; nothing listens yet.
  ///
  /// - Parameter namespace: where it lives; `nil`: where the calling thread is.
  public init(_ address: IPAddress, scope: UInt32 = 0, in namespace: NetworkNamespace?, _ iperf: Iperf) {
    self.address = address
    self.namespace = namespace
    self.scope = scope
    self.iperf = iperf
  }

  /// Starts what sends datagrams back, where it does not run yet; its port.
  public func echoPort() throws -> UInt16 {
    if let echo { return echo.port }
    let new = try EchoResponder(at: address, scope: scope, in: namespace)
    echo = new
    return new.port
  }

  /// Starts a server for one stream; its port.
  public func streamPort() throws -> UInt16 {
    server?.end()
    let new = try iperf.serve(at: address, in: namespace)
    server = new
    return new.port
  }

  /// Starts to count datagrams; the port to which they are to be sent.
  public func beginReceiving() throws -> UInt16 {
    let new = try FrameReceiver(at: address, scope: scope, in: namespace)
    receiver = new
    return new.port
  }

  /// Ends that: how many came, and the processor time of receiving them in nanoseconds.
  public func endReceiving() throws -> (frames: UInt64, cpuNanoseconds: UInt64) {
    let count = receiver?.finish()
    receiver = nil
    return (count?.frames ?? 0, count?.cpuNanoseconds ?? 0)
  }
}
