import Glibc
import LinuxNamespaces
import Synchronization
import Testing

@Suite("A value of another thread") struct BackgroundValueTests {
  @Test func itIsWorkedOutOnceOnAThreadOfItsOwn() {
    let runs = Runs()
    let value = BackgroundValue {
      runs.count.add(1, ordering: .relaxed)
      return pthread_self()
    }
    let first = value.value
    #expect(first != pthread_self() && value.value == first)
    #expect(runs.count.load(ordering: .relaxed) == 1)
  }

  @Test func whoNeverAsksWaitsForItAllTheSame() {
    let runs = Runs()
    do {
      _ = BackgroundValue { _ = runs.count.add(1, ordering: .relaxed) }
    }
    #expect(runs.count.load(ordering: .relaxed) == 1)
  }

  private final class Runs: Sendable {
    let count = Atomic(0)
  }
}
