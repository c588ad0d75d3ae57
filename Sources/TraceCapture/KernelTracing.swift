import BPF
import CMacvtraceABI
import LinuxNamespaces
import TraceModel

/// The system-wide tracepoints: drops and neighbor changes, for the observed interfaces only.
///
/// To attach them the kernel's own types are read, which takes longer than attaching frame programs: it goes on beside
/// that.
final class KernelTracing {
  private enum State {
    case starting(BackgroundValue<TracingPrograms>)
    case attached(TracingPrograms)
  }

  private var state: State

  /// Begins to attach.
  init(maps: SharedMaps, options: CaptureOptions) {
    state = .starting(BackgroundValue { TracingPrograms(maps: maps, options: options) })
  }

  /// What is attached; waits for it the first time.
  private var programs: TracingPrograms {
    get {
      switch state {
      case .attached(let programs): return programs
      case .starting(let value):
        let programs = value.value
        state = .attached(programs)
        return programs
      }
    }
    set { state = .attached(newValue) }
  }

  /// The names of the running kernel's drop reasons.
  var reasons: [UInt32: String] { programs.reasons }
  /// What could not be had.
  var degradations: [Degradation] { programs.degradations }

  /// Watches an interface, and its namespace for buffers without a device. Returns false when there is no room.
  func watch(_ interface: InterfaceID) -> Bool {
    guard let devices = programs.devices, interface.namespace != 0 else { return true }
    let inode = UInt32(truncatingIfNeeded: interface.namespace)
    do {
      try devices.update(mvt_device(namespace_inode: inode, ifindex: interface.ifindex), to: 1)
      try devices.update(mvt_device(namespace_inode: inode, ifindex: 0), to: 1)
      return true
    } catch {
      return false
    }
  }

  /// Stops watching an interface that is gone.
  func unwatch(_ interface: InterfaceID) {
    let inode = UInt32(truncatingIfNeeded: interface.namespace)
    // It stays harmless where the entry cannot be deleted: the interface is gone.
    try? programs.devices?.delete(mvt_device(namespace_inode: inode, ifindex: interface.ifindex))
  }

  /// Runs that were left out because a program was already running on its CPU.
  var missedRuns: UInt64 {
    programs.programs.reduce(0) { $0 + ((try? $1.information().recursionMisses) ?? 0) }
  }

  /// Detaches everything.
  func stop() { programs.links.removeAll() }
}
