package import TraceModel

/// Which hook number stands for which interface. Numbers are given once and never reused, so that the counts of an
/// interface that is gone stay its own.
package struct HookRegistry {

  private var interfaces: [InterfaceID] = []
  private var numbers: [InterfaceID: UInt16] = [:]

  package init() {}

  /// The most interfaces of one capture: a hook number has 15 bits for them.
  static let limit = 0x7ffe

  /// The number of the interface's ingress hook; egress has the next. `nil` when the numbers are used up.
  package mutating func ingressHook(_ interface: InterfaceID) -> UInt16? {
    if let number = numbers[interface] { return number }
    guard interfaces.count < Self.limit else { return nil }
    interfaces.append(interface)
    let number = UInt16(interfaces.count) << 1
    numbers[interface] = number
    return number
  }

  /// What a number stands for.
  func hook(_ number: UInt16) -> Hook? {
    let index = Int(number >> 1) - 1
    guard interfaces.indices.contains(index) else { return nil }
    return Hook(interfaces[index], number & 1 == 0 ? .ingress : .egress)
  }
}
