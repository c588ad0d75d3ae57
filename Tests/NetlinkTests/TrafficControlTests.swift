import CLinux
import Foundation
import LinuxNamespaces
import Netlink
import NetworkAddresses
import SystemPackage
import Testing

@Suite("Filters, beside what tc reads", .enabled(if: isRoot, "needs root"))
struct TrafficControlTests {
  /// A loaded program of two instructions, `r0 = -1; exit`: the frame goes on as if there were no filter.
  private struct Program: ~Copyable {
    let descriptor: CInt

    init() throws {
      let instructions: [UInt64] = [0xffff_ffff_0000_00b7, 0x95]
      let license = Array("Dual BSD/GPL".utf8) + [0]
      descriptor = instructions.withUnsafeBufferPointer { instructions in
        license.withUnsafeBufferPointer { license in
          // The head of union bpf_attr for BPF_PROG_LOAD (include/uapi/linux/bpf.h).
          var attribute: [UInt64] = [
            3 | 2 << 32,  // BPF_PROG_TYPE_SCHED_CLS, two instructions
            UInt64(UInt(bitPattern: instructions.baseAddress)), UInt64(UInt(bitPattern: license.baseAddress)),
            0, 0, 0, 0, 0, 0,
          ]
          return CInt(clinux_bpf(5, &attribute, UInt32(attribute.count * 8)))
        }
      }
      try #require(descriptor >= 0, "BPF_PROG_LOAD: errno \(errno)")
    }

    deinit { close(descriptor) }
  }

  private func filter(_ ifindex: UInt32, _ direction: FilterDirection, handle: UInt32 = 1) -> BPFFilter {
    BPFFilter(
      ifindex: ifindex, direction: direction, priority: 49152, handle: handle, name: "mvt-test",
      classID: 0x123)
  }

  @Test("filters on both sides are added, read as tc reads them, and removed")
  func filters() throws {
    let test = try TestNamespace()
    let program = try Program()
    let link = try test.veth().0.ifindex
    #expect(try test.socket.filters(ifindex: link, direction: .ingress).isEmpty)
    try test.socket.apply(.addClsact(ifindex: link))
    for direction in FilterDirection.allCases {
      try test.socket.apply(.addFilter(filter(link, direction), programDescriptor: program.descriptor))
      let ours = try test.socket.filters(ifindex: link, direction: direction)
      let theirs = try test.json("tc", "filter", "show", "dev", "p0", "\(direction)")
      let their = try #require(theirs.first { $0["options"] != nil })
      let options = try #require(their["options"] as? [String: Any])
      #expect(ours.count == 1)
      #expect(ours.first?.name == "mvt-test")
      #expect(their["kind"] as? String == "bpf")
      #expect(their["pref"] as? Int == 49152)
      #expect(their["protocol"] as? String == "all")
      #expect(options["handle"] as? String == "0x1")
      #expect(options["bpf_name"] as? String == "mvt-test")
      #expect(options["direct-action"] as? Bool == true)
      let id = (options["prog"] as? [String: Any])?["id"] as? UInt32
      #expect(id != nil)
      #expect(ours.first?.programID == id)
      // `:123`, in hexadecimal: the minor number alone.
      #expect(options["flowid"] as? String == ":123")
      var expected = filter(link, direction)
      expected.programID = id
      #expect(ours == [expected])
    }
    let kinds = try test.socket.queueingDisciplines().filter { $0.ifindex == link }.map(\.kind)
    let theirs = try test.json("tc", "qdisc", "show", "dev", "p0").compactMap { $0["kind"] as? String }
    #expect(kinds.sorted() == theirs.sorted())
    #expect(kinds.contains("clsact"))

    try test.socket.apply(.deleteFilter(filter(link, .ingress)))
    #expect(try test.socket.filters(ifindex: link, direction: .ingress).isEmpty)
    #expect(try test.socket.filters(ifindex: link, direction: .egress).count == 1)
    try test.socket.apply(.deleteClsact(ifindex: link))
    #expect(try test.socket.filters(ifindex: link, direction: .egress).isEmpty)
    #expect(!(try test.socket.queueingDisciplines().contains { $0.kind == "clsact" }))
  }

  @Test("frames go on through the filters")
  func harmless() throws {
    let test = try TestNamespace()
    let other = try TestNamespace()
    let program = try Program()
    let (first, second) = try test.veth()
    try test.socket.move(second.ifindex, to: other.namespace)
    try other.socket.setUp(second.ifindex, true)
    try test.socket.addAddress(first.ifindex, try #require(IPPrefix("192.0.2.1/24")))
    try other.socket.addAddress(second.ifindex, try #require(IPPrefix("192.0.2.2/24")))
    let changes: [FilterChange] =
      [.addClsact(ifindex: first.ifindex)]
      + FilterDirection.allCases.map {
        .addFilter(filter(first.ifindex, $0), programDescriptor: program.descriptor)
      }
    #expect(try test.socket.apply(changes).allSatisfy { $0 == nil })
    _ = try output(of: ["ip", "netns", "exec", test.name, "ping", "-c1", "-W5", "192.0.2.2"])
  }

  @Test("of many changes each has its own result, in order")
  func batch() throws {
    let test = try TestNamespace()
    let program = try Program()
    let link = try test.veth().0.ifindex
    // More than are sent at once, every third of them wrong.
    var changes: [FilterChange] = [.addClsact(ifindex: link)]
    for handle in UInt32(1)...150 {
      changes.append(
        .addFilter(filter(link, .ingress, handle: handle), programDescriptor: program.descriptor))
      changes.append(
        .addFilter(filter(9999, .ingress, handle: handle), programDescriptor: program.descriptor))
      changes.append(.addFilter(filter(link, .egress, handle: handle), programDescriptor: program.descriptor))
    }
    let results = try test.socket.apply(changes)
    #expect(results.count == changes.count)
    for (index, result) in results.enumerated() {
      #expect(result?.errno == (index > 0 && index % 3 == 2 ? Errno(rawValue: ENODEV) : nil))
    }
    let handles = try test.socket.filters(ifindex: link, direction: .ingress).map(\.handle)
    #expect(handles.sorted() == Array(1...150))
    #expect(try test.socket.apply([]).isEmpty)
  }

  @Test("what is there already, and what is not there, says so")
  func errors() throws {
    let test = try TestNamespace()
    let program = try Program()
    let link = try test.veth().0.ifindex
    let own = filter(link, .ingress)
    let first = try test.socket.apply([
      .deleteClsact(ifindex: link), .addFilter(own, programDescriptor: program.descriptor),
      .addClsact(ifindex: link), .addClsact(ifindex: link),
      .addFilter(own, programDescriptor: program.descriptor),
      .addFilter(own, programDescriptor: program.descriptor),
      .deleteFilter(filter(link, .ingress, handle: 7)), .deleteFilter(filter(link, .egress)),
      .deleteFilter(own), .addFilter(own, programDescriptor: -1),
    ])
    let isRefused = first.map { $0 != nil }
    #expect(isRefused == [true, true, false, true, false, true, true, true, false, true])
    #expect(first[3]?.errno == .fileExists)
    #expect(first[5]?.errno == .fileExists)
    #expect(first[6]?.errno == .noSuchFileOrDirectory)
    #expect(first[9]?.errno == .badFileDescriptor)
    #expect(throws: NetlinkError.self) { try test.socket.apply(.deleteFilter(own)) }
  }

  @Test("somebody else's filter is not listed as one of ours, and survives")
  func others() throws {
    let test = try TestNamespace()
    let program = try Program()
    let link = try test.veth().0.ifindex
    try test.socket.apply(.addClsact(ifindex: link))
    try test.run(
      "tc", "filter", "add", "dev", "p0", "ingress", "pref", "49152", "u32", "match", "u32", "0", "0")
    try test.socket.apply(.addFilter(filter(link, .egress), programDescriptor: program.descriptor))
    #expect(try test.socket.filters(ifindex: link, direction: .ingress).isEmpty)
    #expect(try test.socket.apply([.deleteFilter(filter(link, .ingress))])[0] != nil)
    #expect(try !test.json("tc", "filter", "show", "dev", "p0", "ingress").isEmpty)
  }
}
