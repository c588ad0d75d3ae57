import Foundation
import LinuxNamespaces
import Netlink
import Testing

@Suite("Everybody's filters and XDP programs, beside what iproute2 reads", .enabled(if: isRoot, "needs root"))
struct TrafficFilterTests {
  /// Other people's programs, which `make bpf` compiles.
  private static let object = "build/bpf-tests/verdicts.bpf.o"

  /// `kind pref protocol chain handle` of each filter, as tc prints them.
  private func shown(_ test: TestNamespace, _ direction: FilterDirection) throws -> [String] {
    try test.json("tc", "filter", "show", "dev", "p0", "\(direction)").compactMap { filter in
      guard let options = filter["options"] as? [String: Any],
        // What has neither only stands for its priority; a hash table of u32 has a divisor.
        let handle = (options["handle"] ?? options["fh"]) as? String, options["ht_divisor"] == nil
      else { return nil }
      return
        "\(filter["kind"] ?? "") \(filter["pref"] ?? 0) \(filter["protocol"] ?? "") \(filter["chain"] ?? 0) \(handle)"
    }
  }

  private func read(_ test: TestNamespace, _ ifindex: UInt32, _ direction: FilterDirection) throws -> [String]
  {
    try test.socket.trafficFilters(ifindex: ifindex, direction: direction).filter { !$0.isContainer }.map {
      filter in
      let handle = filter.handle
      let number =
        filter.kind == "u32"
        ? "\(String(handle >> 20, radix: 16))::\(String(handle & 0xfff, radix: 16))"
        : "0x\(String(handle, radix: 16))"
      let type = filter.isForEveryProtocol ? "all" : filter.etherType == 0x0800 ? "ip" : "\(filter.etherType)"
      return "\(filter.kind) \(filter.priority) \(type) \(filter.chain) \(number)"
    }
  }

  @Test("filters of every kind are read in the order in which they run")
  func filters() throws {
    let test = try TestNamespace()
    let link = try test.veth().0.ifindex
    try test.run("tc", "qdisc", "add", "dev", "p0", "clsact")
    #expect(try test.socket.trafficFilters(ifindex: link, direction: .ingress).isEmpty)
    let add = { (place: [String], filter: [String]) in
      _ = try output(of: ["tc", "-n", test.name, "filter", "add", "dev", "p0"] + place + filter)
    }
    let program = ["bpf", "da", "obj", Self.object, "sec", "tc"]
    let everything = ["u32", "match", "u32", "0", "0", "flowid", "1:1"]
    try add(["ingress", "protocol", "ip", "pref", "7"], everything)
    try add(["ingress", "pref", "3"], program)
    try add(["ingress", "pref", "3"], program)
    try add(["ingress", "protocol", "ip", "pref", "3", "chain", "5"], everything)
    try add(["egress", "pref", "49000"], program)
    for direction in FilterDirection.allCases {
      let own = try read(test, link, direction)
      #expect(try own == shown(test, direction))
      #expect(own.count == (direction == .ingress ? 4 : 1))
    }
    let theirs = try test.json("tc", "filter", "show", "dev", "p0", "egress").compactMap {
      ($0["options"] as? [String: Any])?["prog"] as? [String: Any]
    }
    let own = try #require(
      try test.socket.trafficFilters(ifindex: link, direction: .egress).first { !$0.isContainer })
    #expect(own.programID == theirs.first?["id"] as? UInt32 && own.programID != nil)
    #expect(own.programTag == theirs.first?["tag"] as? String && own.programTag?.count == 16)
    #expect(own.name == "verdicts.bpf.o:[tc]")
  }

  @Test("a side is empty when it has neither a filter of any kind nor a chain")
  func chains() throws {
    let test = try TestNamespace()
    let link = try test.veth().0.ifindex
    let hasChains = {
      try FilterDirection.allCases.map { try test.socket.hasChains(ifindex: link, direction: $0) }
    }
    #expect(try hasChains() == [false, false])
    try test.run("tc", "qdisc", "add", "dev", "p0", "clsact")
    #expect(try hasChains() == [false, false])
    try test.run("tc", "filter", "add", "dev", "p0", "egress", "pref", "1", "u32", "match", "u32", "0", "0")
    #expect(try hasChains() == [false, true])
    try test.run("tc", "filter", "delete", "dev", "p0", "egress", "pref", "1")
    #expect(try hasChains() == [false, false])
    try test.run("tc", "chain", "add", "dev", "p0", "ingress", "chain", "9")
    #expect(try hasChains() == [true, false])
  }

  @Test("a block that interfaces can share is told from one of its own")
  func blocks() throws {
    let test = try TestNamespace()
    let links = try test.veth()
    try test.run("tc", "qdisc", "add", "dev", "p0", "egress_block", "22", "clsact")
    try test.run("tc", "qdisc", "add", "dev", "p1", "clsact")
    let disciplines = try test.socket.queueingDisciplines().filter { $0.kind == "clsact" }
    let shared = Dictionary(disciplines.map { ($0.ifindex, $0) }) { first, _ in first }
    #expect(shared[links.0.ifindex]?.egressBlock == 22)
    #expect(
      shared[links.0.ifindex]?.isShared(.egress) == true
        && shared[links.0.ifindex]?.isShared(.ingress) == false)
    #expect(shared[links.1.ifindex]?.isShared(.egress) == false)
  }

  @Test(
    "XDP programs are read with their mode",
    arguments: [("xdpgeneric", XDPProgram.Mode.generic), ("xdpdrv", .driver)])
  func xdp(_ option: String, _ mode: XDPProgram.Mode) throws {
    let test = try TestNamespace()
    let link = try test.veth().0.ifindex
    #expect(try test.socket.link(link).xdpPrograms.isEmpty)
    try test.run("ip", "link", "set", "dev", "p0", option, "obj", Self.object, "sec", "xdp")
    let their = try test.json("ip", "link", "show", "dev", "p0").first?["xdp"] as? [String: Any]
    let id = try #require((their?["prog"] as? [String: Any])?["id"] as? UInt32)
    #expect(try test.socket.link(link).xdpPrograms == [XDPProgram(mode: mode, programID: id)])
    // XDP_ATTACHED_DRV and XDP_ATTACHED_SKB (include/uapi/linux/if_link.h).
    #expect(their?["mode"] as? Int == (mode == .driver ? 1 : 2))
    try test.run("ip", "link", "set", "dev", "p0", option, "off")
    #expect(try test.socket.link(link).xdpPrograms.isEmpty)
  }

  @Test("a namespace's cookie is its own, for every socket, and not given again")
  func cookies() throws {
    let test = try TestNamespace()
    guard let cookie = test.socket.namespaceCookie else {
      // Before Linux 5.14: then no socket has one.
      #expect(try NetlinkSocket().namespaceCookie == nil)
      return
    }
    #expect(try NetlinkSocket(in: test.namespace).namespaceCookie == cookie)
    var seen: Set<UInt64> = [cookie]
    for _ in 0..<5 { #expect(seen.insert(try #require(try TestNamespace().socket.namespaceCookie)).inserted) }
  }
}
