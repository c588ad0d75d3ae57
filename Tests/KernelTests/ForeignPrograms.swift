import BPF
import LinuxNamespaces
import Netlink
import SystemPackage
import TestSupport
import Testing
import TraceCapture
import TraceLab
import TraceModel

/// Other people's programs on an interface: put there, and looked at, by their own tools.
///
/// Debian's tools do not know TCX: those links are made and listed with the library.
final class ForeignPrograms: Sendable {
  /// Holds a link, which ends with it.
  private final class Held: Sendable {
    let link: BPF.Link
    init(_ link: consuming BPF.Link) { self.link = link }
  }

  /// What stands on the interface, ours left out, each in the words of the tool that read it.
  struct State: Equatable {
    var xdp: [String]
    /// Programs' ids, everybody's.
    var tcx: [Direction: [UInt32]]
    var filters: [Direction: [String]]
    /// Ours among the filters, with their place in the list.
    var own: [Direction: [Int]] = [:]
  }

  static let object = "build/bpf-tests/verdicts.bpf.o"
  static let hasTCX = Feature.tcx.isPresent

  private let lab: Lab
  private let name: String
  let interface: String
  private let links: [Held]

  /// - Parameters:
  ///   - commands: shell commands that put programs there; `$dev` is the interface, `$object` the file with programs.
  ///   - tcx: the verdict of a TCX program on each side, where there is to be one.
  init(
    _ lab: Lab, in name: String, on interface: String, _ commands: [String] = [],
    tcx: [Direction: Int32] = [:]
  )
    throws
  {
    self.lab = lab
    self.name = name
    self.interface = interface
    links = try lab.namespace(name).run {
      let ifindex = try NetlinkSocket().link(named: interface).ifindex
      return try tcx.sorted { $0.key.rawValue < $1.key.rawValue }.map { direction, verdict in
        let program = try Program.load([.set(0, verdict), .exit], name: "foreign")
        return Held(
          try program.attachTCX(ifindex: ifindex, direction: direction == .ingress ? .ingress : .egress))
      }
    }
    for command in commands { try run(command) }
  }

  /// Runs a shell command in the interface's namespace.
  func run(_ command: String) throws {
    let script = "dev=\(interface) object=\(Self.object)\n" + command
    let result = try lab.run(["sh", "-c", script], in: name)
    try #require(result.status == 0, "\(command): \(result.output)")
  }

  func state() throws -> State {
    var state = State(xdp: [], tcx: [:], filters: [:])
    let link = try lab.run(["ip", "-d", "link", "show", "dev", interface], in: name).output
    state.xdp = link.split(separator: "\n").filter { $0.contains("prog/xdp") }.map(String.init)
    let interface = interface
    if Self.hasTCX {
      state.tcx = try lab.namespace(name).run {
        let ifindex = try NetlinkSocket().link(named: interface).ifindex
        return [
          .ingress: try Program.attachedTCX(ifindex: ifindex, direction: .ingress),
          .egress: try Program.attachedTCX(ifindex: ifindex, direction: .egress),
        ]
      }
    }
    for direction in [Direction.ingress, .egress] {
      let output = try lab.run(["tc", "filter", "show", "dev", interface, "\(direction)"], in: name).output
      // The others are what holds the filters of one priority.
      let lines = output.split(separator: "\n").filter { $0.contains(" handle ") || $0.contains(" order ") }
      state.filters[direction] = lines.filter { !$0.contains(" macvtrace/") }.map(String.init)
      state.own[direction] = lines.indices.filter { lines[$0].contains(" macvtrace/") }
    }
    return state
  }
}

extension HookMechanism {
  /// Ends the test where the kernel lacks this one; every kernel has clsact.
  func require() throws { if self == .tcx { try Feature.tcx.require() } }
}

extension [String] {
  /// The numbers behind ` id ` in tools' output.
  var programIDs: [UInt32] {
    compactMap { line in
      let words = line.split(separator: " ")
      return words.firstIndex(of: "id").flatMap { UInt32(words[$0 + 1]) }
    }
  }
}
