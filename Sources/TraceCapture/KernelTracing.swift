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
  /// The interfaces that are watched, by their namespace.
  private var watched: [UInt64: Set<UInt32>] = [:]

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
    do {
      try devices.update(Self.device(interface.namespace, interface.ifindex), to: 1)
      try devices.update(Self.device(interface.namespace, 0), to: 1)
      watched[interface.namespace, default: []].insert(interface.ifindex)
      return true
    } catch {
      return false
    }
  }

  /// Stops watching interfaces that are gone, and namespaces with their last one.
  func unwatch(allBut present: Set<InterfaceID>) {
    for (namespace, indices) in watched {
      for index in indices where !present.contains(InterfaceID(namespace: namespace, ifindex: index)) {
        unwatch(Self.device(namespace, index))
        watched[namespace]?.remove(index)
      }
      guard watched[namespace]?.isEmpty == true else { continue }
      unwatch(Self.device(namespace, 0))
      watched[namespace] = nil
    }
  }

  /// It stays harmless where the entry cannot be deleted: the interface is gone.
  private func unwatch(_ device: mvt_device) { try? programs.devices?.delete(device) }

  private static func device(_ namespace: UInt64, _ ifindex: UInt32) -> mvt_device {
    mvt_device(namespace_inode: UInt32(truncatingIfNeeded: namespace), ifindex: ifindex)
  }

  /// Runs that were left out because a program was already running on its CPU.
  var missedRuns: UInt64 {
    programs.programs.reduce(0) { $0 + ((try? $1.information().recursionMisses) ?? 0) }
  }

  /// Detaches everything.
  func stop() { programs.links.removeAll() }
}
