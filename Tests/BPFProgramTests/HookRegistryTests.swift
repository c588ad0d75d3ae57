import Testing
import TraceModel

@testable import TraceCapture

@Suite("The numbers of hooks") struct HookRegistryTests {
  @Test("an interface's number is its index, unless another has it")
  func numbers() {
    var registry = HookRegistry()
    let first = InterfaceID(namespace: 1, ifindex: 7)
    let second = InterfaceID(namespace: 2, ifindex: 7)
    let number = registry.ingressHook(first)
    #expect(number == 14)
    let other = registry.ingressHook(second)
    #expect(other != nil && other != 14)
    let again = (registry.ingressHook(first), registry.ingressHook(second))
    #expect(again == (14, other))
    #expect(registry.hook(14) == Hook(first, .ingress) && registry.hook(15) == Hook(first, .egress))
    #expect(registry.hook((other ?? 0) + 1) == Hook(second, .egress))
    #expect(registry.hook(16) == nil)
  }

  @Test("an index beyond 15 bits, and every number in use")
  func limits() throws {
    var registry = HookRegistry()
    let far = InterfaceID(namespace: 1, ifindex: 0x10007)
    let given = registry.ingressHook(far)
    let number = try #require(given)
    #expect(registry.hook(number) == Hook(far, .ingress))
    var seen: Set<UInt16> = [number]
    for index in 1..<UInt32(HookRegistry.limit) {
      let given = registry.ingressHook(InterfaceID(namespace: 2, ifindex: index))
      #expect(seen.insert(try #require(given)).inserted)
    }
    let beyond = registry.ingressHook(InterfaceID(namespace: 3, ifindex: 1))
    #expect(beyond == nil)
    #expect(registry.hook(number) == Hook(far, .ingress))
  }

  @Test("numbers are given again without end, and never to two at a time")
  func reuse() throws {
    var registry = HookRegistry()
    var living: [InterfaceID: UInt16] = [:]
    var queue: [InterfaceID] = []
    // Containers number their interfaces alike: all but one of them need a number that is not their index.
    for container in 0..<100_000 {
      let interface = InterfaceID(namespace: UInt64(container), ifindex: UInt32(2 + container % 3))
      let given = registry.ingressHook(interface)
      let number = try #require(given)
      try #require(registry.hook(number) == Hook(interface, .ingress))
      living[interface] = number
      queue.append(interface)
      if queue.count > 500 {
        let gone = queue.removeFirst()
        try #require(living.removeValue(forKey: gone).flatMap(registry.hook) == Hook(gone, .ingress))
        registry.release(gone)
      }
      if container % 10_000 == 0 { #expect(Set(living.values).count == living.count) }
    }
    #expect(Set(living.values).count == 500)
    #expect(living.allSatisfy { registry.hook($1) == Hook($0, .ingress) })
  }

  @Test("a number that was given back stands for nothing, and the one longest unused is given next")
  func order() throws {
    var registry = HookRegistry()
    _ = registry.ingressHook(InterfaceID(namespace: 1, ifindex: 2))
    let first = InterfaceID(namespace: 2, ifindex: 2)
    let number = registry.ingressHook(first)
    registry.release(first)
    registry.release(first)
    #expect(registry.hook(try #require(number)) == nil)
    let next = registry.ingressHook(InterfaceID(namespace: 3, ifindex: 2))
    #expect(next != number)
    let again = registry.ingressHook(first)
    #expect(again != number && again != next)
  }
}
