import Glibc
import LinuxNamespaces
import Synchronization
import SystemPackage
import TraceModel

/// The names of containers, kept current on a thread of its own: nobody waits for an engine that is slow.
///
/// Asks when somebody wants to know, and when the engine tells that containers have come or gone.
final class ContainerNames: Sendable {
  /// What is known.
  struct Known: Sendable {
    /// Higher with every change.
    var edition = 0
    var names: [InterfaceID: Container] = [:]
  }

  private let worker: ContainerNamesWorker
  private let thread: BackgroundThread

  init(engine: DockerEngine = DockerEngine()) throws {
    let worker = try ContainerNamesWorker(engine)
    self.worker = worker
    // The thread holds the worker alone, so that it ends with this.
    thread = try BackgroundThread { worker.run() }
  }

  deinit {
    worker.stop()
    thread.join()
  }

  /// What is known now.
  var known: Known { worker.known }

  /// Has the containers of a topology's children looked up.
  func ask(for topology: Topology) {
    worker.ask(topology.children.filter { $0.id.namespace != topology.parent.namespace })
  }
}

/// What the thread of `ContainerNames` does.
private final class ContainerNamesWorker: Sendable {
  private struct State {
    var known = ContainerNames.Known()
    /// What is asked for; `nil` once that was done.
    var wanted: [Interface]?
    var isStopping = false
  }

  private let state = Mutex(State())
  private let engine: DockerEngine
  /// Written to wake the thread.
  private let wake: (readEnd: FileDescriptor, writeEnd: FileDescriptor)

  /// Milliseconds until an engine that was not there, or has ended, is tried again.
  private static let retry: Int32 = 2000

  init(_ engine: DockerEngine) throws {
    self.engine = engine
    wake = try FileDescriptor.pipe()
    for end in [wake.readEnd, wake.writeEnd] {
      _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end.rawValue, F_SETFL, O_NONBLOCK)
    }
  }

  deinit {
    try? wake.readEnd.close()
    try? wake.writeEnd.close()
  }

  var known: ContainerNames.Known { state.withLock { $0.known } }

  func ask(_ children: [Interface]) {
    state.withLock { $0.wanted = children }
    ring()
  }

  func stop() {
    state.withLock { $0.isStopping = true }
    ring()
  }

  private func ring() {
    // A full pipe has waked it already.
    _ = try? wake.writeEnd.writeAll([0])
  }

  func run() {
    var events: FileDescriptor?
    var children: [Interface] = []
    defer { try? events?.close() }
    while true {
      let (isStopping, wanted) = state.withLock { state in
        defer { state.wanted = nil }
        return (state.isStopping, state.wanted)
      }
      if isStopping { return }
      children = wanted ?? children
      if events == nil, !children.isEmpty { events = engine.events() }
      if !children.isEmpty { look(children) }
      wait(&events)
    }
  }

  private func look(_ children: [Interface]) {
    var limitations: [Degradation] = []
    let names = engine.names(for: children, limitations: &limitations)
    state.withLock { state in
      guard names != state.known.names else { return }
      state.known.names = names
      state.known.edition += 1
    }
  }

  /// Waits for a question, or for the engine to tell something.
  private func wait(_ events: inout FileDescriptor?) {
    var requests = [pollfd(fd: wake.readEnd.rawValue, events: Int16(POLLIN), revents: 0)]
    if let events { requests.append(pollfd(fd: events.rawValue, events: Int16(POLLIN), revents: 0)) }
    _ = poll(&requests, nfds_t(requests.count), events == nil ? Self.retry : -1)
    Self.drain(wake.readEnd)
    if let stream = events, requests[1].revents != 0, !Self.drain(stream) {
      try? stream.close()
      events = nil
    }
  }

  /// Takes all that waits. Returns false at the end of a stream.
  @discardableResult private static func drain(_ descriptor: FileDescriptor) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor.rawValue, &buffer, buffer.count)
      if count > 0 || (count < 0 && errno == EINTR) { continue }
      return count < 0 && errno == EAGAIN
    }
  }
}
