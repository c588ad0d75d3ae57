import Glibc
import LinuxNamespaces
import Synchronization
import Testing

/// Work that is spread over threads.
@Suite struct InParallelTests {
  @Test(arguments: [0, 1, 7, 8, 16, 33, 1000]) func theOrderIsKept(_ count: Int) {
    let items = Array(0..<count)
    #expect(inParallel(items) { $0 * 3 } == items.map { $0 * 3 })
  }

  @Test func eachIsDoneOnceAndManyAtOnce() {
    let count = 64
    let done = Mutex([Int](repeating: 0, count: count))
    let threads = Mutex(Set<pthread_t>())
    _ = inParallel(Array(0..<count)) { index in
      done.withLock { $0[index] += 1 }
      threads.withLock { _ = $0.insert(pthread_self()) }
      usleep(500)
    }
    #expect(done.withLock { $0 } == [Int](repeating: 1, count: count))
    let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    #expect(threads.withLock { $0.count } == min(processors, 4))
  }
}
