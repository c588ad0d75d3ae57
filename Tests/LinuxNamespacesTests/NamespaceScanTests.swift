import Foundation
import SystemPackage
import Testing

@testable import LinuxNamespaces

@Suite("The scan for namespaces", .enabled(if: isRoot, "needs root"))
struct NamespaceScanTests {
  @Test("a named namespace is found by its name, this one is marked")
  func named() throws {
    let name = TestName()
    let namespace = try NamedNamespaces.create(name.text)
    let scan = NamespaceScan()
    let found = try #require(scan.namespace(namespace.identity))
    #expect(found.names == [name.text])
    #expect(found.paths.first == "/run/netns/\(name.text)")
    #expect(found.pids.isEmpty)
    #expect(!found.isCurrent)
    let own = try #require(scan.namespace(try NetworkNamespace.current().identity))
    #expect(own.isCurrent)
    #expect(scan.namespaces.count { $0.isCurrent } == 1)
  }

  @Test("processes that may not be inspected are counted, not errors")
  func unreadable() throws {
    // In a container, as on some machines, even root may not look into process 1.
    for _ in 0..<50 {
      let before = refusals()
      let ours = NamespaceScan().unreadableProcesses
      guard refusals() == before else { continue }
      #expect(ours == before.count)
      return
    }
    Issue.record("the processes never stood still")
  }

  /// The processes whose namespace the kernel does not let this one see.
  private func refusals() -> [String] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.filter { Int32($0) != nil }.sorted().filter {
      var buffer = [CChar](repeating: 0, count: 64)
      return readlink("/proc/\($0)/ns/net", &buffer, buffer.count) < 0 && errno == EACCES
    }
  }

  @Test("the one that is current is that of the thread that asks")
  func currentInside() throws {
    let name = TestName()
    let namespace = try NamedNamespaces.create(name.text)
    let current = try namespace.run { NamespaceScan().namespaces.filter(\.isCurrent).map(\.identity) }
    #expect(current == [namespace.identity])
  }

  @Test("one that only a process lives in is found by that process, until it ends")
  func process() throws {
    let sleeper = Process()
    sleeper.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    sleeper.arguments = ["--net", "sleep", "60"]
    try sleeper.run()
    defer { if sleeper.isRunning { kill(sleeper.processIdentifier, SIGKILL) } }
    let own = inode(ofLink: "/proc/self/ns/net")
    var namespace: UInt64?
    for _ in 0..<200 where namespace == nil {
      namespace = inode(ofLink: "/proc/\(sleeper.processIdentifier)/ns/net").flatMap { $0 == own ? nil : $0 }
      if namespace == nil { usleep(10_000) }
    }
    let expected = try #require(namespace)
    let found = try #require(NamespaceScan().namespaces.first { $0.identity.inode == expected })
    #expect(found.names.isEmpty)
    #expect(found.pids == [sleeper.processIdentifier])
    #expect(found.paths == ["/proc/\(sleeper.processIdentifier)/ns/net"])
    // Not SIGTERM, which a child of a test may have blocked.
    kill(sleeper.processIdentifier, SIGKILL)
    sleeper.waitUntilExit()
    #expect(!NamespaceScan().namespaces.contains { $0.identity.inode == expected })
  }

  @Test("one that is mounted elsewhere, as Docker does, is found there, whatever its path is called")
  func mounted() throws {
    let name = TestName()
    let namespace = try NamedNamespaces.create(name.text)
    // A space, which the kernel writes as \040 in the table of mounts.
    let path = FileManager.default.temporaryDirectory.path + "/\(name.text) elsewhere"
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    defer { unlink(path) }
    try output(of: "mount", "--bind", "/run/netns/\(name.text)", path)
    try NamedNamespaces.delete(name.text)
    let found = NamespaceScan().namespace(namespace.identity)
    try output(of: "umount", path)
    #expect(found?.paths == [path])
    #expect(found?.names == [])
  }

  @Test("several names of one namespace are one namespace")
  func aliases() throws {
    let name = TestName()
    let alias = TestName()
    let namespace = try NamedNamespaces.create(name.text)
    #expect(FileManager.default.createFile(atPath: NamedNamespaces.path(alias.text), contents: nil))
    try output(of: "mount", "--bind", NamedNamespaces.path(name.text), NamedNamespaces.path(alias.text))
    let scan = NamespaceScan()
    #expect(scan.namespace(namespace.identity)?.names == [name.text, alias.text].sorted())
    #expect(scan.namespaces.count { $0.identity == namespace.identity } == 1)
  }

  @Test("a plain file among the names is no namespace")
  func leftover() throws {
    let name = TestName()
    let other = TestName()
    _ = try NamedNamespaces.create(other.text)
    #expect(FileManager.default.createFile(atPath: NamedNamespaces.path(name.text), contents: nil))
    #expect(!NamespaceScan().namespaces.contains { $0.names.contains(name.text) })
  }

  @Test("a scan of processes alone finds again what a descriptor holds, as long as it does")
  func again() throws {
    let name = TestName()
    let namespace = try NamedNamespaces.create(name.text)
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/bin/sh")
    holder.arguments = ["-c", "exec 9<\"$0\"; exec sleep 60", NamedNamespaces.path(name.text)]
    try holder.run()
    defer { if holder.isRunning { kill(holder.processIdentifier, SIGKILL) } }
    let path = "/proc/\(holder.processIdentifier)/fd/9"
    for _ in 0..<200 where inode(ofLink: path) != namespace.identity.inode { usleep(10_000) }
    try NamedNamespaces.delete(name.text)
    let whole = NamespaceScan()
    #expect(whole.namespace(namespace.identity)?.paths == [path])
    #expect(NamespaceScan(reaching: .processes).namespace(namespace.identity) == nil)
    let again = NamespaceScan(reaching: .processes, known: whole.namespaces)
    #expect(again.namespace(namespace.identity)?.paths == [path])
    #expect(again.namespace(namespace.identity)?.names == [])
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
    #expect(
      NamespaceScan(reaching: .processes, known: again.namespaces).namespace(namespace.identity) == nil)
  }

  @Test("a scan of names finds again which processes live where, and does not look for others")
  func namesAlone() throws {
    let name = TestName()
    let namespace = try NamedNamespaces.create(name.text)
    let sleepers = try (0..<2).map { _ in
      let sleeper = Process()
      sleeper.executableURL = URL(fileURLWithPath: "/usr/bin/nsenter")
      sleeper.arguments = ["--net=\(NamedNamespaces.path(name.text))", "sleep", "60"]
      try sleeper.run()
      return sleeper
    }
    defer { for one in sleepers where one.isRunning { kill(one.processIdentifier, SIGKILL) } }
    for one in sleepers {
      let path = "/proc/\(one.processIdentifier)/ns/net"
      for _ in 0..<200 where inode(ofLink: path) != namespace.identity.inode { usleep(10_000) }
    }
    let scan = NamespaceScan(reaching: .names)
    #expect(scan.unreadableProcesses == nil)
    #expect(scan.namespace(namespace.identity)?.names == [name.text])
    #expect(scan.namespace(namespace.identity)?.pids == [])
    let whole = NamespaceScan(reaching: .processes)
    #expect(whole.namespace(namespace.identity)?.pids == sleepers.map(\.processIdentifier).sorted())
    kill(sleepers[0].processIdentifier, SIGKILL)
    sleepers[0].waitUntilExit()
    let again = NamespaceScan(reaching: .names, known: whole.namespaces)
    #expect(again.namespace(namespace.identity)?.pids == [sleepers[1].processIdentifier])
    try NamedNamespaces.delete(name.text)
    let nameless = NamespaceScan(reaching: .names, known: whole.namespaces).namespace(namespace.identity)
    #expect(nameless?.names == [])
    #expect(nameless?.paths == ["/proc/\(sleepers[1].processIdentifier)/ns/net"])
  }

  @Test("it finds what lsns finds")
  func lsns() throws {
    let name = TestName()
    _ = try NamedNamespaces.create(name.text)
    // Other tests make and remove namespaces meanwhile: only what stands still on both sides counts.
    for _ in 0..<50 {
      let before = try theirs()
      let ours = Set(NamespaceScan().namespaces.filter { !$0.pids.isEmpty }.map(\.identity.inode))
      guard try theirs() == before else { continue }
      #expect(ours == before)
      return
    }
    Issue.record("the processes never stood still")
  }

  private func theirs() throws -> Set<UInt64> {
    let inodes = try output(of: "lsns", "--type", "net", "--noheadings", "--output", "NS,PID")
    return Set(
      inodes.split(separator: "\n").compactMap { line in
        let fields = line.split(separator: " ")
        return fields.count == 2 ? UInt64(fields[0]) : nil
      })
  }
}

@Suite("The table of mounts")
struct MountTableTests {
  @Test("only mounts of network namespaces are taken, by what the fields say")
  func fields() {
    // As /proc/self/mountinfo of a Docker host has them.
    let text = #"""
      22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
      310 25 0:24 /netns /run/netns rw,nosuid shared:5 - tmpfs tmpfs rw
      311 310 0:4 net:[4026532281] /run/netns/bbox1 rw shared:170 - nsfs nsfs rw
      312 25 0:4 net:[4026532345] /run/docker/netns/4f2c rw - nsfs nsfs rw
      313 25 0:4 mnt:[4026532400] /run/snapd/ns/lxd.mnt rw - nsfs nsfs rw
      314 25 0:4 net:[4026532401] /srv/a\040b\011c\134d rw shared:1 master:2 propagate_from:3 - nsfs nsfs rw
      315 25 0:50 net:[1] /fake rw - ext4 /dev/sdb rw
      316 25 0:4 net:[4026532402] /cut
      317 25 0:4 net:[4026532403] /cut rw -

      """#
    #expect(
      MountTable.networkNamespaces(in: text) == [
        "/run/netns/bbox1", "/run/docker/netns/4f2c", "/srv/a b\tc\\d",
      ])
  }

  @Test(
    "an escape that is none stays as it is",
    arguments: [#"\"#, #"\0"#, #"\04"#, #"\999"#, #"\ABC"#, #"\777"#])
  func badEscapes(_ text: String) {
    #expect(MountTable.unescape(text[...]) == text)
  }
}
