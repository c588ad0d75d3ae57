import LinuxNamespaces
import SystemPackage
import TraceCapture
import TraceDiscovery
import TraceModel

/// The observation of another parent of this machine, by a thread in that parent's namespace.
final class FarObservation: @unchecked Sendable {
  private let stopWriter: FileDescriptor
  private var thread: BackgroundThread?
  // Written by the thread, read after it was joined.
  private var observation: Observation?

  /// Attaches there, and returns once every hook is; what fails there is said, and leaves the near side to speak alone.
  init(_ parent: ProbePath.Parent, for command: String) throws {
    let (stopReader, stopWriter) = try FileDescriptor.pipe()
    let (readyReader, readyWriter) = try FileDescriptor.pipe()
    self.stopWriter = stopWriter
    thread = try BackgroundThread { [self] in
      defer { try? stopReader.close() }
      let observe = { @Sendable () throws -> Observation in
        var observing = try Observing(parent.name)
        defer { observing.session.stop() }
        observing.settle()
        _ = try? readyWriter.writeAll([1])
        // Until the other end is closed.
        var nothing: [UInt8] = [0]
        _ = try? nothing.withUnsafeMutableBytes { try stopReader.read(into: $0) }
        return observing.finish(command)
      }
      do {
        observation = try parent.namespace.run(observe)
      } catch {
        Console.complain("\(parent.name) in another namespace, on the way, is not watched: \(error)")
      }
      try? readyWriter.close()
    }
    var byte: [UInt8] = [0]
    _ = try? byte.withUnsafeMutableBytes { try readyReader.read(into: $0) }
    try? readyReader.close()
  }

  /// Detaches; what was seen, if anything could be. To be called before the process ends.
  @discardableResult func finish() -> Observation? {
    guard let running = thread else { return observation }
    try? stopWriter.close()
    running.join()
    thread = nil
    return observation
  }
}
