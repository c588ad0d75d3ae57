import CLinux
import Glibc
import LinuxNamespaces

/// UDP there and back between two threads on one CPU: what each frame's way costs cannot hide behind another core.
struct PingPong {
  /// Nanoseconds of the middle round trip, and of that which one in a thousand exceeds.
  let median: Double
  let percentile999: Double

  private static let trips = 10_000
  /// What differs from one run to the next does so less in the mean of some.
  private static let runs = 2
  private static let port: UInt16 = 7777
  private static let cpu: Int32 = 0

  /// The mean of some runs.
  static func mean(_ network: PathNetwork) throws -> PingPong {
    let runs = try (0..<runs).map { _ in try PingPong(network) }
    let mean = { (time: (PingPong) -> Double) in runs.map(time).reduce(0, +) / Double(runs.count) }
    return PingPong(median: mean(\.median), percentile999: mean(\.percentile999))
  }

  private init(median: Double, percentile999: Double) {
    self.median = median
    self.percentile999 = percentile999
  }

  /// Runs it once.
  private init(_ network: PathNetwork) throws {
    let near = try network.near.run { try Self.socket(PathNetwork.nearAddress, to: PathNetwork.farAddress) }
    defer { close(near) }
    let far = try network.far.run { try Self.socket(PathNetwork.farAddress, to: PathNetwork.nearAddress) }
    defer { close(far) }
    let echo = try BackgroundThread {
      _ = clinux_stay_on_cpu(Self.cpu)
      var octets = [UInt8](repeating: 0, count: 64)
      // Ends with the socket's patience once nobody asks any more.
      while true {
        let count = recv(near, &octets, octets.count, 0)
        if count <= 0 || octets[0] == 0 { return }
        send(near, octets, count, 0)
      }
    }
    let times = try onFreshThread { () throws -> [Double] in
      _ = clinux_stay_on_cpu(Self.cpu)
      var times: [Double] = []
      times.reserveCapacity(Self.trips)
      var octets = [UInt8](repeating: 1, count: 64)
      for _ in 0..<Self.trips {
        let start = MonotonicClock.now()
        send(far, octets, octets.count, 0)
        guard recv(far, &octets, octets.count, 0) > 0 else { continue }
        times.append(Double(MonotonicClock.now() - start))
      }
      octets[0] = 0
      send(far, octets, octets.count, 0)
      return times
    }
    echo.join()
    guard times.count > Self.trips / 2 else { throw BenchError("ping-pong: \(times.count) answers") }
    let sorted = times.sorted()
    median = sorted[sorted.count / 2]
    percentile999 = sorted[sorted.count * 999 / 1000]
  }

  private static func socket(_ own: UInt32, to other: UInt32) throws -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    guard socket >= 0 else { throw BenchError("open a socket: errno \(errno)") }
    var patience = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    var (here, there) = (address(own), address(other))
    let isBound = withUnsafePointer(to: &here) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) }
    }
    let isConnected = withUnsafePointer(to: &there) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) }
    }
    guard isBound == 0, isConnected == 0 else {
      close(socket)
      throw BenchError("connect a socket: errno \(errno)")
    }
    return socket
  }

  private static func address(_ address: UInt32) -> sockaddr_in {
    var result = sockaddr_in()
    result.sin_family = sa_family_t(AF_INET)
    result.sin_port = port.bigEndian
    result.sin_addr.s_addr = address.bigEndian
    return result
  }
}
