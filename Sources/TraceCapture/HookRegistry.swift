package import TraceModel

/// Which hook number stands for which interface. A number stays its interface's until `release`: as long as frames may
/// be counted or recorded under it.
package struct HookRegistry {

  private var interfaces = InterfacePages()
  private var numbers: [InterfaceID: UInt16] = [:]
  /// The number that was given last to an interface whose index is another's number: downwards, as indices grow from
  /// below, and around, so that the one that was given longest ago is given again.
  private var last = limit + 1

  package init() {}

  /// The most interfaces of one capture at a time: a hook number has 15 bits for them.
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
    if let hook = Self.ownHook(ofInterface: interface.ifindex), interfaces[hook >> 1] == nil {
      return hook >> 1
    }
    guard interfaces.count < Int(Self.limit) else { return nil }
    repeat { last = last > 1 ? last - 1 : Self.limit } while interfaces[last] != nil
    return last
  }

  /// The number of the ingress hook that an interface gets while no other has it; `nil`: there is no such number.
  static func ownHook(ofInterface index: UInt32) -> UInt16? {
    UInt16(exactly: index).flatMap { (1...limit).contains($0) ? $0 << 1 : nil }
  }

  /// Gives an interface's number back: to be called when nothing can be counted under it any more, and what was counted
  /// and recorded has been read.
  package mutating func release(_ interface: InterfaceID) {
    guard let number = numbers.removeValue(forKey: interface) else { return }
    interfaces[number] = nil
  }

  /// What a number stands for.
  func hook(_ number: UInt16) -> Hook? {
    guard let interface = interfaces[number >> 1] else { return nil }
    return Hook(interface, number & 1 == 0 ? .ingress : .egress)
  }

  /// Whether an interface has a number.
  func hasNumber(_ interface: InterfaceID) -> Bool { numbers[interface] != nil }

  /// The number of a hook; `nil` for an interface that has none.
  func number(_ hook: Hook) -> UInt16? {
    numbers[hook.interface].map { $0 << 1 | (hook.direction == .egress ? 1 : 0) }
  }
}

/// Interfaces by their numbers, found without a search: pages that are there once one of their numbers is.
private struct InterfacePages {
  private(set) var count = 0
  private var pages = [[InterfaceID?]](repeating: [], count: (Int(HookRegistry.limit) + 1) / pageSize + 1)

  private static let pageSize = 256

  subscript(number: UInt16) -> InterfaceID? {
    get {
      let (page, place) = Int(number).quotientAndRemainder(dividingBy: Self.pageSize)
      return pages[page].isEmpty ? nil : pages[page][place]
    }
    set {
      let (page, place) = Int(number).quotientAndRemainder(dividingBy: Self.pageSize)
      if pages[page].isEmpty { pages[page] = [InterfaceID?](repeating: nil, count: Self.pageSize) }
      count += (newValue == nil ? 0 : 1) - (pages[page][place] == nil ? 0 : 1)
      pages[page][place] = newValue
    }
  }
}
