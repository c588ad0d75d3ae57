import BPF
import CMacvtraceABI
package import NetworkAddresses
package import TraceModel

/// An interface that is gone.
package struct Departure: Sendable {
  package let interface: InterfaceID
  /// Its address; `nil` where another interface has that, too.
  package let mac: MACAddress?

  package init(_ interface: InterfaceID, mac: MACAddress?) {
    self.interface = interface
    self.mac = mac
  }
}

/// What was taken out of the counting tables.
package struct CounterHarvest {
  /// By the interface that is gone: its own counters, and others' under its address.
  package fileprivate(set) var counters: [InterfaceID: [Counter]] = [:]
  /// Frames and octets at the hooks of interfaces that are gone, that had found no room.
  var overflowed: (frames: UInt64, bytes: UInt64) = (0, 0)
  /// Interfaces at whose own hooks something was found.
  fileprivate(set) var found: Set<InterfaceID> = []
}

extension CounterTable {
  /// A slot that is being taken away.
  private struct TakenSlot {
    let offset: Int
    let hook: UInt16
    /// An index of the departures.
    let departure: Int
  }

  /// Takes out what was counted at the hooks of interfaces that are gone, and at other hooks under their addresses:
  /// those are stations that do not come again, and would fill the tables in the long run. Frees the slots.
  ///
  /// Exact while programs count on, also under the same keys (bpf/lib/count.h): a slot whose hook is overwritten is
  /// found by no frame that comes later; `wait` lets those end that found it before; then nobody writes it but us, and it
  /// is free for all once its hook is 0, which is written last.
  ///
  /// - Parameters:
  ///   - mustWait: whether to wait also where nothing is found.
  ///   - wait: returns when every run of a program that had begun has ended (`ProgramBarrier`).
  package func harvest(
    _ departures: [Departure], _ registry: HookRegistry, mustWait: Bool = true, after wait: () throws -> Void
  ) throws -> CounterHarvest {
    let taken = take(departures, registry)
    do {
      if mustWait || !taken.isEmpty { try wait() }
    } catch {
      for slot in taken { setHook(slot.hook, at: slot.offset) }
      throw error
    }
    var harvest = CounterHarvest()
    var sums = [CounterSums](repeating: CounterSums(), count: departures.count)
    for slot in taken {
      add(slot.offset, hook: slot.hook, to: &sums[slot.departure])
      free(slot.offset)
    }
    for (departure, sums) in zip(departures, sums) where !sums.sums.isEmpty {
      let counters = sums.sums.compactMap { sum in
        UInt16(exactly: sum.key.hook).flatMap(registry.hook).map { Counter(sum, at: $0) }
      }
      harvest.counters[departure.interface, default: []] += counters
      if counters.contains(where: { $0.interface == departure.interface }) {
        harvest.found.insert(departure.interface)
      }
    }
    try takeOverflows(departures, registry, into: &harvest)
    return harvest
  }

  private func take(_ departures: [Departure], _ registry: HookRegistry) -> [TakenSlot] {
    var byHook: [UInt16: Int] = [:]
    var byMAC: [MACAddress: Int] = [:]
    for (index, departure) in departures.enumerated() {
      if let number = registry.number(Hook(departure.interface, .ingress)) { byHook[number] = index }
      if let mac = departure.mac, !mac.isMulticast { byMAC[mac] = index }
    }
    var taken: [TakenSlot] = []
    forEachSlot { offset, hook in
      var index = byHook[hook & ~1]
      if index == nil, !byMAC.isEmpty {
        let slot = slot(at: offset)
        index = byMAC[MACAddress(slot.source)] ?? byMAC[MACAddress(slot.destination)]
        // Whose a count is at a hook that belongs to nobody, a later look must tell.
        if index != nil, registry.hook(hook) == nil { return }
      }
      guard let index else { return }
      setHook(UInt16(MVT_TAKEN_HOOK.rawValue), at: offset)
      taken.append(TakenSlot(offset: offset, hook: hook, departure: index))
    }
    return taken
  }

  /// Frames that found no room at the hooks of those who are gone; after the wait, as nobody adds to them any more.
  private func takeOverflows(
    _ departures: [Departure], _ registry: HookRegistry, into harvest: inout CounterHarvest
  ) throws {
    let interfaces = Set(departures.map(\.interface))
    for (hook, sum) in try readOverflows(registry) where interfaces.contains(hook.interface) {
      guard let number = registry.number(hook) else { continue }
      try deleteOverflow(number)
      harvest.overflowed.frames += sum.frames
      harvest.overflowed.bytes += sum.bytes
      harvest.found.insert(hook.interface)
    }
  }
}
