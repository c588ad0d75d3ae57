import LinuxNamespaces
import SystemPackage
import TraceCapture
import TraceDiscovery
import TraceModel

/// The observation of a parent by a thread in that parent's namespace, while this one does something else.
final class HeldObservation: @unchecked Sendable {
  /// Why it could not be attached; `nil` while it is.
  private(set) var failure: (any Error)?
  /// What our programs ran, while the kernel's statistics were on.
  private(set) var programRuns: [ProgramRuns] = []
  private let stopWriter: FileDescriptor
  private var thread: BackgroundThread?
  // Written by the thread, read after it was joined, or after it said that it is ready.
  private var observation: Observation?

  /// Attaches there, and returns once every hook is, or once that has failed.
  init(
    _ parent: ProbePath.Parent, options: CaptureOptions = CaptureOptions(), command: String
  ) throws {
    let (stopReader, stopWriter) = try FileDescriptor.pipe()
    let (readyReader, readyWriter) = try FileDescriptor.pipe()
    self.stopWriter = stopWriter
    thread = try BackgroundThread { [self] in
      defer { try? stopReader.close() }
      let observe = { @Sendable () throws -> (Observation, [ProgramRuns]) in
        var observing = try Observing(parent.name, options: options)
        defer { observing.session.stop() }
        observing.settle()
        _ = try? readyWriter.writeAll([1])
        // Until the other end is closed.
        var nothing: [UInt8] = [0]
        _ = try? nothing.withUnsafeMutableBytes { try stopReader.read(into: $0) }
        let runs = observing.session.programRuns()
        return (observing.finish(command), runs)
      }
      do {
        (observation, programRuns) = try parent.namespace.run(observe)
      } catch {
        failure = error
      }
      try? readyWriter.close()
    }
    var byte: [UInt8] = [0]
    _ = try? byte.withUnsafeMutableBytes { try readyReader.read(into: $0) }
    try? readyReader.close()
  }

  /// The same for a parent beside the one that is looked at: what fails there is said, and leaves that one to speak alone.
  convenience init(beside parent: ProbePath.Parent, command: String) throws {
    try self.init(parent, command: command)
    if let failure {
      Console.complain("\(parent.name) in another namespace, on the way, is not watched: \(failure)")
    }
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
