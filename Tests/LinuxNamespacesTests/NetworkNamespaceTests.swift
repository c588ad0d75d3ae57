import Foundation
import LinuxNamespaces
import SystemPackage
import Synchronization
import Testing

@Suite("A network namespace", .enabled(if: isRoot, "needs root"))
struct NetworkNamespaceTests {
  private struct Failure: Error, Equatable { var number: Int }

  @Test("its identity is the inode that the kernel's link shows")
  func identity() throws {
    #expect(try NetworkNamespace.current().identity.inode == inode(ofLink: "/proc/thread-self/ns/net"))
    #expect(try NetworkNamespace.process(getpid()).identity.inode == inode(ofLink: "/proc/self/ns/net"))
    let name = TestName()
    let made = try NetworkNamespace.create(named: name.text)
    #expect(made.identity != (try NetworkNamespace.current().identity))
    #expect(try NetworkNamespace.named(name.text).identity == made.identity)
    let shown = try output(of: "stat", "-L", "-c", "%i", "/run/netns/\(name.text)")
    #expect(String(made.identity.inode) == shown.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  @Test("what runs inside is inside, and nobody else is")
  func run() throws {
    let name = TestName()
    let namespace = try NetworkNamespace.create(named: name.text)
    let before = inode(ofLink: "/proc/thread-self/ns/net")
    let inside = try namespace.run { inode(ofLink: "/proc/thread-self/ns/net") }
    #expect(inside == namespace.identity.inode)
    #expect(inode(ofLink: "/proc/thread-self/ns/net") == before)
    #expect(inside != before)
    let nested = try namespace.run {
      let own = try NetworkNamespace.process(getpid())
      return (
        try own.run { inode(ofLink: "/proc/thread-self/ns/net") }, inode(ofLink: "/proc/thread-self/ns/net")
      )
    }
    #expect(nested.0 == inode(ofLink: "/proc/self/ns/net"))
    #expect(nested.1 == namespace.identity.inode)
  }

  @Test("what the work throws comes out as it is")
  func failure() throws {
    let name = TestName()
    let namespace = try NetworkNamespace.create(named: name.text)
    #expect(throws: Failure(number: 7)) { try namespace.run { throw Failure(number: 7) } }
    #expect(throws: Failure(number: 8)) { try onFreshThread { throw Failure(number: 8) } }
  }

  @Test("work inside is done once each, however many threads ask")
  func concurrency() async throws {
    let name = TestName()
    let namespace = try NetworkNamespace.create(named: name.text)
    let inodes = try await withThrowingTaskGroup(of: UInt64?.self) { group in
      for _ in 0..<64 {
        group.addTask { try namespace.run { inode(ofLink: "/proc/thread-self/ns/net") } }
      }
      var inodes: [UInt64?] = []
      for try await value in group { inodes.append(value) }
      return inodes
    }
    #expect(inodes == Array(repeating: namespace.identity.inode, count: 64))
  }

  @Test("it lives as long as it is held, also without a name")
  func lifetime() throws {
    let name = TestName()
    let namespace = try NetworkNamespace.create(named: name.text)
    try NetworkNamespace.delete(named: name.text)
    #expect(try namespace.run { inode(ofLink: "/proc/thread-self/ns/net") } == namespace.identity.inode)
    #expect(!NamedNamespaces.exists(name.text))
  }

  @Test("what is no network namespace is refused, with the reason")
  func refusals() throws {
    let wrong: [(String, Errno, NamespaceError.Code)] = [
      ("/proc/self/ns/mnt", .invalidArgument, .notANamespace),
      ("/etc/hostname", .invalidArgument, .notANamespace),
      ("/proc", .invalidArgument, .notANamespace),
      ("/run/netns/mvt-no-such", .noSuchFileOrDirectory, .open),
      ("/proc/0/ns/net", .noSuchFileOrDirectory, .open),
    ]
    for (path, errno, code) in wrong {
      let error = #expect(throws: NamespaceError.self) { try NetworkNamespace(path: path) }
      #expect(error?.errno == errno, "\(path)")
      #expect(error?.code == code, "\(path)")
      #expect(error.map { "\($0)".contains(path) } == true)
    }
  }

  @Test("a file that is refused is closed once: what another thread opened meanwhile stays open")
  func closedOnce() {
    let isDone = Atomic(false)
    withoutActuallyEscaping({ isDone.load(ordering: .acquiring) }) { isOver in
      nonisolated(unsafe) let isOver = isOver
      let lost = BackgroundValue { () -> Int in
        var lost = 0
        while !isOver() {
          let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
          for _ in 0..<20 { sched_yield() }
          if close(file) != 0 { lost += 1 }
        }
        return lost
      }
      for _ in 0..<20_000 { _ = try? NetworkNamespace(path: "/etc/hostname") }
      isDone.store(true, ordering: .releasing)
      #expect(lost.value == 0)
    }
  }

  @Test("a pipe in its place does not hang")
  func pipe() throws {
    let path = FileManager.default.temporaryDirectory.path + "/mvt\(getpid())pipe"
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    #expect(throws: NamespaceError.self) { try NetworkNamespace(path: path) }
  }

  @Test("no descriptor is left open, and none reaches a child process")
  func descriptors() throws {
    let name = TestName()
    let path = "/run/netns/\(name.text)"
    do {
      let namespace = try NetworkNamespace.create(named: name.text)
      #expect(fcntl(namespace.fileDescriptor, F_GETFD) & FD_CLOEXEC != 0)
    }
    let inode = try NetworkNamespace(path: path).identity.inode
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == "net:[\(inode)]"
    }
    #expect(open.isEmpty)
  }
}
