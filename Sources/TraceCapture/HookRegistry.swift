package import TraceModel

/// Which hook number stands for which interface. Numbers are given once and never reused, so that the counts of an
/// interface that is gone stay its own.
package struct HookRegistry {

  private var interfaces: [UInt16: InterfaceID] = [:]
  private var numbers: [InterfaceID: UInt16] = [:]
  /// Where to look for a number for an interface whose index is another's number: from above, as indices grow from
  /// below.
  private var next = limit

  package init() {}

  /// The most interfaces of one capture: a hook number has 15 bits for them.
  static let limit: UInt16 = 0x7ffe

  /// The number of the interface's ingress hook; egress has the next. Twice the interface's index where that is free.
  /// `nil` when the numbers are used up.
  package mutating func ingressHook(_ interface: InterfaceID) -> UInt16? {
    if let number = numbers[interface] { return number << 1 }
    guard let number = freeNumber(for: interface) else { return nil }
    interfaces[number] = interface
    numbers[interface] = number
    return number << 1
  }

  /// Has an interface's numbers, and all that was counted under them, stand for another: the same device elsewhere.
  package mutating func move(_ interface: InterfaceID, to new: InterfaceID) {
    guard let number = numbers.removeValue(forKey: interface) else { return }
    numbers[new] = number
    interfaces[number] = new
  }

  private mutating func freeNumber(for interface: InterfaceID) -> UInt16? {
    if let index = UInt16(exactly: interface.ifindex), (1...Self.limit).contains(index),
      interfaces[index] == nil
    {
      return index
    }
    while next > 0, interfaces[next] != nil { next -= 1 }
    return next > 0 ? next : nil
  }

  /// What a number stands for.
  func hook(_ number: UInt16) -> Hook? {
    guard let interface = interfaces[number >> 1] else { return nil }
    return Hook(interface, number & 1 == 0 ? .ingress : .egress)
  }
}
