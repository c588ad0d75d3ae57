import Glibc
public import NetworkAddresses

/// A station on another machine, where `macvtrace measure --server` runs.
public final class RemoteFarEnd: FarEnd {
  /// Where it is reached.
  public let address: IPAddress
  private let socket: ConnectedSocket

  /// How long the server may take to start something, in milliseconds.
  private static let patience: UInt32 = 8000

  /// Where a server listens unless told otherwise.
  public static var defaultPort: UInt16 { ControlLine.defaultPort }

  /// Connects to the server.
  ///
  /// - Throws: `MeasurementError` where none listens, or it has a client already.
  public init(_ address: IPAddress, port: UInt16, from source: LoadSource) throws {
    self.address = address
    do {
      socket = try ConnectedSocket(.stream, from: source, to: address, port: port, patience: Self.patience)
    } catch let error as MeasurementError {
      throw MeasurementError(
        "\(error); \(address) is no station of this machine: run `macvtrace measure --server` there",
        errno: error.errno)
    }
    guard case .line(let greeting) = ControlLine.read(socket.descriptor), greeting == ControlLine.greeting
    else {
      throw MeasurementError(
        "\(address), port \(port), does not answer as `macvtrace measure --server` of this version does; it may be busy with another client"
      )
    }
  }

  /// Starts what sends datagrams back, where it does not run yet; its port.
  public func echoPort() throws -> UInt16 { try port("echo") }
  /// Starts a server for one stream; its port.
  public func streamPort() throws -> UInt16 { try port("stream") }
  /// Starts to count datagrams; the port to which they are to be sent.
  public func beginReceiving() throws -> UInt16 { try port("receive") }

  /// Ends that: how many came, and the processor time of receiving them in nanoseconds.
  public func endReceiving() throws -> (frames: UInt64, cpuNanoseconds: UInt64) {
    let numbers = try ask("count")
    guard numbers.count == 2 else { throw misunderstood("count") }
    return (numbers[0], numbers[1])
  }

  private func port(_ question: String) throws -> UInt16 {
    let numbers = try ask(question)
    guard let first = numbers.first, let port = UInt16(exactly: first), port > 0 else {
      throw misunderstood(question)
    }
    return port
  }

  private func ask(_ question: String) throws -> [UInt64] {
    guard ControlLine.write(question, to: socket.descriptor),
      case .line(let answer) = ControlLine.read(socket.descriptor)
    else { throw MeasurementError("the server at \(address) does not answer any more") }
    if answer.hasPrefix("error ") {
      throw MeasurementError("the server at \(address) says: \(answer.dropFirst(6))")
    }
    let words = answer.split(separator: " ")
    guard words.first == "ok" else { throw misunderstood(question) }
    return words.dropFirst().compactMap { UInt64($0) }
  }

  private func misunderstood(_ question: String) -> MeasurementError {
    MeasurementError("the server at \(address) answers \(question) by what is no answer")
  }
}
