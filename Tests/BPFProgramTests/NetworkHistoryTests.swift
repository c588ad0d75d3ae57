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

  /// An engine takes a container's interface back to the host, under a name of its own, before it deletes it.
  @Test("an interface departs under the name of the container that had it last")
  func origin() {
    var history = NetworkHistory()
    let container = { (name: String) in Container(runtime: "docker", name: name) }
    var inside = Self.child(1)
    inside.container = container("bbox1")
    // By way of a namespace of no container.
    let between = Self.child(2)
    let back = Self.child(3)
    history.moved(inside, to: between)
    history.moved(between, to: back)
    history.vanished(back)
    #expect(history.departed[back.id]?.container?.name == "bbox1")
    #expect(Set(history.departed.keys) == [back.id])

    // What comes under its number later is another interface.
    history.appeared(back)
    history.vanished(back)
    #expect(history.departed[back.id].map { $0.container == nil } == true)

    // Given to another container: that one's name.
    var given = Self.child(4)
    given.container = container("bbox2")
    history.moved(inside, to: given)
    history.vanished(given)
    #expect(history.departed[given.id]?.container?.name == "bbox2")
  }
}
