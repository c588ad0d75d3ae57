import BPF
import Glibc
import LinuxNamespaces
import Netlink
import Testing
import TraceCapture
import TraceDiscovery
import TraceLab
import TraceModel

/// The command itself on a network with so many children that they are attached by filters, which outlive it.
@Suite(.serialized) struct KilledCaptureTests {
  /// The crowd, bbox1 and ens33.
  private static let interfaces = Crowd.count + 2

  private static func withManyChildren(_ body: (Lab) throws -> Void) throws {
    try Observed.withLab(Crowd.specification) { lab in
      // Somebody else's filter, with a clsact that was there before us.
      try lab.namespace("many0").run {
        let socket = try NetlinkSocket()
        let ifindex = try socket.link(named: "eth0").ifindex
        let program = try Program.trivial()
        let filter = BPFFilter(
          ifindex: ifindex, direction: .ingress, priority: 1, handle: 7, name: "somebody-else")
        let made = try socket.apply([
          .addClsact(ifindex: ifindex), .addFilter(filter, programDescriptor: program.fileDescriptor),
        ])
        try #require(made.allSatisfy { $0 == nil })
      }
      try body(lab)
    }
  }

  /// The names of the filters at a child, and whether it has a clsact.
  private static func filters(_ lab: Lab, _ name: String) throws -> (names: [String], clsact: Bool) {
    try lab.namespace(name).run {
      let socket = try NetlinkSocket()
      let ifindex = try socket.link(named: "eth0").ifindex
      let names = try FilterDirection.allCases.flatMap {
        try socket.filters(ifindex: ifindex, direction: $0).map(\.name)
      }
      return (names, try socket.queueingDisciplines().contains { $0.kind == "clsact" })
    }
  }

  /// Attaches, and kills that with SIGKILL once it is attached.
  private static func kill(_ lab: Lab, _ wrapper: [String] = []) throws {
    let capture = try Background(
      wrapper + [".build/debug/macvtrace", "attach", "ens33", "--json"], in: lab.namespace("docker01"))
    try capture.waitFor("attached to ens33: \(interfaces) interfaces, \(2 * interfaces) hooks")
    capture.kill()
    for name in ["many0", "many1", Crowd.names[Crowd.count - 1]] {
      let left = try filters(lab, name)
      try #require(left.names.filter { $0.hasPrefix("macvtrace/") }.count == 2, "nothing was left: no test")
    }
  }

  private static func expectOnlyForeign(_ lab: Lab) throws {
    let kept = try filters(lab, "many0")
    #expect(kept.names == ["somebody-else"] && kept.clsact)
    for name in Crowd.names.dropFirst() + ["bbox1"] {
      let left = try filters(lab, name)
      try #require(left.names.isEmpty && !left.clsact, "\(name): \(left)")
    }
  }

  @Test func whatAKilledCaptureLeftIsRemovedByDoctorAndByTheNextAttach() throws {
    try Self.withManyChildren { lab in
      try Self.kill(lab)
      let named = try lab.run([".build/debug/macvtrace", "doctor"], in: "docker01").output
      #expect(named.contains("clsact filter macvtrace/"), "\(named)")
      #expect(try Self.filters(lab, "many1").names.count == 2, "a look removes nothing")
      let swept = try lab.run([".build/debug/macvtrace", "doctor", "--sweep"], in: "docker01")
      #expect(swept.status == 0, "\(swept.output)")
      try Self.expectOnlyForeign(lab)

      try Self.kill(lab)
      let next = try Background(
        [".build/debug/macvtrace", "attach", "ens33", "--json"], in: lab.namespace("docker01"))
      try next.waitFor("attached to ens33: \(Self.interfaces) interfaces")
      // A living capture's filters are not swept.
      _ = try lab.run([".build/debug/macvtrace", "doctor", "--sweep"], in: "docker01")
      #expect(try Self.filters(lab, "many1").names.count == 2, "its own, and not those of the killed one")
      let said = next.stop()
      #expect(
        said.contains(
          "removed \(2 * (Self.interfaces - 1)) filters that a killed macvtrace had left attached"),
        "\(said.prefix(500))")
      try Self.expectOnlyForeign(lab)
    }
  }

  @Test func theLastOfTwoCapturesTakesTheClsactAway() throws {
    try Self.withManyChildren { lab in
      let captures = try (0..<2).map { _ in
        let capture = try Background(
          [".build/debug/macvtrace", "attach", "ens33", "--json"], in: lab.namespace("docker01"))
        try capture.waitFor("attached to ens33: \(Self.interfaces) interfaces")
        return capture
      }
      #expect(try Self.filters(lab, "many1").names.count == 4)
      captures[0].stop()
      #expect(try Self.filters(lab, "many1").names.count == 2, "those of the other stay")
      captures[1].stop()
      try Self.expectOnlyForeign(lab)
    }
  }

  /// In a container every capture has pid 1, and the host sees it under another.
  @Test func aCaptureInAPIDNamespaceOfItsOwnIsToldAliveFromDead() throws {
    let container = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    try Self.withManyChildren { lab in
      try Self.kill(lab, container)
      let living = try Background(
        container + [".build/debug/macvtrace", "attach", "ens33", "--json"], in: lab.namespace("docker01"))
      try living.waitFor("attached to ens33: \(Self.interfaces) interfaces")
      let swept = try lab.run([".build/debug/macvtrace", "doctor", "--sweep", "--json"], in: "docker01")
        .output
      #expect(swept.contains("\"swept\" : true"), "those of the dead are removed: \(swept)")
      #expect(try Self.filters(lab, "many1").names.count == 2, "those of the living stay")
      living.kill()
      _ = try lab.run([".build/debug/macvtrace", "doctor", "--sweep"], in: "docker01")
      try Self.expectOnlyForeign(lab)
    }
  }
}
