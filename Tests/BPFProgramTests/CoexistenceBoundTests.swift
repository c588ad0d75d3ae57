import Testing
import TraceModel

@testable import TraceCapture

@Suite("Others' programs on interfaces that are gone") struct CoexistenceBoundTests {
  @Test("nothing is kept of an interface that is told of no more")
  func forgotten() {
    var coexistence = Coexistence()
    let topology = Topology(
      parent: InterfaceID(namespace: 1, ifindex: 2), interfaces: [], namespaces: [])
    let ids = (1...1000).map { InterfaceID(namespace: UInt64($0), ifindex: 2) }
    for id in ids {
      coexistence.note(blind: Hook(id, .ingress), "it is a test")
      coexistence.note(blind: Hook(id, .egress), "it is a test")
    }
    #expect(coexistence.blindHooks(topology).count == 2000)
    for id in ids.dropLast() { coexistence.forget(id) }
    #expect(coexistence.blindHooks(topology).map(\.hook.interface) == [ids[999], ids[999]])
  }
}
