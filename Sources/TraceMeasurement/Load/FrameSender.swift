import CLinux
import LinuxNamespaces
import NetworkAddresses

/// Sends datagrams of one size at a rate, on a thread of its own.
enum FrameSender {
  private final class Outcome: @unchecked Sendable {
    // Written by the thread, read after that was joined: never by two at once.
    var load = clinux_load()
  }

  /// The octets of a frame around a UDP payload: Ethernet, IP and UDP headers.
  static func headers(_ address: IPAddress) -> Int { 14 + (address.isIPv4 ? 20 : 40) + 8 }

  /// Sends, and says what was sent.
  ///
  /// - Parameters:
  ///   - size: the octets of a frame, from its destination MAC to its end, FCS not included.
  ///   - rate: frames per second; `nil`: as many as it can.
  ///   - control: asked every 20 ms whether to go on.
  static func send(
    from source: LoadSource, to address: IPAddress, port: UInt16, size: Int, rate: Double?, seconds: Double,
    _ control: LoadControl
  ) throws -> LoadCount {
    let socket = try ConnectedSocket(.datagram, from: source, to: address, port: port, patience: 50)
    let length = size - headers(address)
    guard length >= 0 else {
      throw MeasurementError(
        "frames of \(size) octets hold no UDP datagram to \(address): use \(headers(address)) or more")
    }
    let flag = StopFlag()
    let outcome = Outcome()
    let thread = try BackgroundThread {
      clinux_send_load(
        socket.descriptor, UInt32(length), rate ?? 0, UInt64(seconds * 1e9), flag.pointer, &outcome.load)
    }
    let end = MonotonicClock.now() + UInt64(seconds * 1e9)
    var isInterrupted = false
    while MonotonicClock.now() < end, !isInterrupted { isInterrupted = control.pause(until: end) }
    if isInterrupted { flag.set() }
    thread.join()
    if isInterrupted { throw Interruption() }
    if outcome.load.error != 0 {
      throw MeasurementError(refused: "send frames of \(size) octets to \(address)", outcome.load.error)
    }
    return LoadCount(outcome.load)
  }
}
