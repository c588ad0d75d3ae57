import Testing
import TraceModel

@testable import TraceCapture

@Suite("Interfaces that are gone") struct NetworkHistoryTests {
  private static func child(_ number: Int) -> Interface {
    Interface(
      id: InterfaceID(namespace: UInt64(number), ifindex: 2), name: "eth0", namespace: "c\(number)",
      kind: .macvlan)
  }

  @Test("those that left first are dropped, and told; none that is back, and none twice")
  func bounded() {
    var history = NetworkHistory()
    var dropped: [Int] = []
    let forget = { (history: inout NetworkHistory) in
      dropped += history.forgetDeparted().map { Int($0.namespace) }
    }
    for number in 0..<10_000 {
      history.vanished(Self.child(number))
      // Two come and go all the while.
      history.appeared(Self.child(0))
      history.vanished(Self.child(0))
      history.vanished(Self.child(1))
      history.appeared(Self.child(1))
      forget(&history)
    }
    #expect(dropped == Array(2..<2 + dropped.count) && dropped.count > 5000)
    #expect(history.departed.count == 10_000 - 1 - dropped.count && history.departed.count <= 4096)
    #expect(history.departed[Self.child(0).id] != nil && history.departed[Self.child(1).id] == nil)
    #expect(history.departed[Self.child(9999).id] != nil)
  }
}
