import Foundation
import LinuxNamespaces
import SystemPackage
import Testing

@Suite("Named namespaces, beside ip netns", .enabled(if: isRoot, "needs root"))
struct NamedNamespacesTests {
  private func listed() throws -> [Substring] {
    try output(of: "ip", "netns", "list").split(separator: "\n").compactMap { $0.split(separator: " ").first }
  }

  @Test("what we make ip lists, enters and deletes")
  func theirsOfOurs() throws {
    let name = TestName()
    _ = try NamedNamespaces.create(name.text)
    #expect(try listed().contains(name.text[...]))
    let links = try output(of: "ip", "-n", name.text, "-br", "link")
    #expect(links.split(separator: "\n").count == 1)
    #expect(links.hasPrefix("lo "))
    try output(of: "ip", "netns", "delete", name.text)
    #expect(!NamedNamespaces.exists(name.text))
  }

  @Test("what ip makes we open and delete")
  func oursOfTheirs() throws {
    let name = TestName()
    try output(of: "ip", "netns", "add", name.text)
    #expect(NamedNamespaces.exists(name.text))
    _ = try NetworkNamespace.named(name.text)
    try NamedNamespaces.delete(name.text)
    #expect(try !listed().contains(name.text[...]))
    let mounts = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
    #expect(!mounts.contains("/run/netns/\(name.text) "))
  }

  @Test("a name that is taken is refused and stays what it is")
  func taken() throws {
    let name = TestName()
    let first = try NamedNamespaces.create(name.text)
    let error = #expect(throws: NamespaceError.self) { try NamedNamespaces.create(name.text) }
    #expect(error?.errno == .fileExists)
    #expect(error?.code == .create)
    #expect(try NetworkNamespace.named(name.text).identity == first.identity)
  }

  @Test("a name never leads out of the directory", arguments: ["", ".", "..", "a/b", "../mvt", "a\0b"])
  func badNames(_ name: String) {
    let made = #expect(throws: NamespaceError.self) { try NamedNamespaces.create(name) }
    #expect(made?.errno == .invalidArgument)
    let deleted = #expect(throws: NamespaceError.self) { try NamedNamespaces.delete(name) }
    #expect(deleted?.errno == .invalidArgument)
  }

  @Test("what a crash left, a file that is no mount, is deleted")
  func leftover() throws {
    let name = TestName()
    // The directory is there, as its maker left it.
    let other = TestName()
    _ = try NamedNamespaces.create(other.text)
    #expect(FileManager.default.createFile(atPath: NamedNamespaces.path(name.text), contents: nil))
    #expect(throws: NamespaceError.self) { try NetworkNamespace.named(name.text) }
    try NamedNamespaces.delete(name.text)
    #expect(!NamedNamespaces.exists(name.text))
    let error = #expect(throws: NamespaceError.self) { try NamedNamespaces.delete(name.text) }
    #expect(error?.errno == .noSuchFileOrDirectory)
  }
}
