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
}
