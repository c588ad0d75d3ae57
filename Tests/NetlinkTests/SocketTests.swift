import Foundation
import LinuxNamespaces
import Netlink
import SystemPackage
import Testing

@Suite("The socket", .enabled(if: isRoot, "needs root"))
struct SocketTests {
  @Test("it stays in the namespace where it was made, and keeps that alive")
  func namespace() throws {
    let socket: NetlinkSocket
    do {
      let test = try TestNamespace()
      socket = try NetlinkSocket(in: test.namespace)
      _ = try test.veth("only0", "only1")
    }
    // Its name and every other descriptor of it are gone.
    #expect(Set(try socket.links().map(\.name)) == ["lo", "only0", "only1"])
    #expect(!(try NetlinkSocket().links().contains { $0.name == "only0" }))
  }

  @Test("threads that share it get their own answers")
  func threads() async throws {
    let test = try TestNamespace()
    let (first, second) = try test.veth()
    let socket = test.socket
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<8 {
        group.addTask {
          try (0..<100).allSatisfy { _ in
            let name = number % 2 == 0 ? "p0" : "p1"
            let index = number % 2 == 0 ? first.ifindex : second.ifindex
            return try socket.link(named: name).ifindex == index && socket.links().count == 3
          }
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test("a list is whole while its members change")
  func changingList() async throws {
    let test = try TestNamespace()
    let parent = try test.veth().0.ifindex
    let socket = test.socket
    let namespace = test.namespace
    for number in 0..<100 {
      try socket.createMacvlan(LinkSpecification("keep\(number)"), parent: parent, mode: .bridge)
    }
    let changer = Task {
      let own = try NetlinkSocket(in: namespace)
      while !Task.isCancelled {
        try own.createMacvlan(LinkSpecification("come"), parent: parent, mode: .bridge)
        try own.delete(own.link(named: "come").ifindex)
      }
    }
    var counts: Set<Int> = []
    var isWhole = true
    let end = ContinuousClock.now + .seconds(20)
    for round in 0..<100 where round < 5 || ContinuousClock.now < end {
      do {
        let names = try socket.links().map(\.name)
        counts.insert(names.count)
        isWhole =
          isWhole && Set(names).count == names.count
          && names.count { $0.hasPrefix("keep") } == 100
      } catch {
        // It changed each time: told, and not answered with a list that never was.
        #expect(error.errno == .interrupted)
      }
    }
    changer.cancel()
    try await changer.value
    #expect(isWhole)
    #expect(counts.isSubset(of: [103, 104]))
  }

  @Test("a long list comes in several datagrams and is complete")
  func longList() throws {
    let test = try TestNamespace()
    let parent = try test.veth().0.ifindex
    for number in 0..<300 {
      try test.socket.createMacvlan(LinkSpecification("mv\(number)"), parent: parent, mode: .bridge)
    }
    let names = try test.socket.links().filter { $0.kind == "macvlan" }.map(\.name)
    #expect(names.sorted() == (0..<300).map { "mv\($0)" }.sorted())
  }

  @Test("closed sockets leave no descriptor behind")
  func descriptors() throws {
    let test = try TestNamespace()
    let socket = try NetlinkSocket(in: test.namespace)
    let number = socket.fileDescriptor
    #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0, "a child process would inherit it")
  }
}
