import CLinux
import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import PacketKit
import SystemPackage
import Testing
import TraceCapture
import TraceLab
import TraceModel

/// Our counts beside the interfaces' own statistics: the difference is 0.
@Suite(.serialized) struct CountingTests {
  static let sender = MACAddress(rawValue: 0x0200_0000_beef)
  private static let tag = EthernetTag(VLANID(tagControlInformation: 10))
  private static let serviceTag = EthernetTag(VLANID(tagControlInformation: 20), type: .serviceTag)

  /// A frame whose octets behind its type mean nothing, for that type, cut off at a length.
  static func frame(
    to destination: MACAddress, from source: MACAddress = sender, tags: [EthernetTag] = [],
    type: EtherType = .localExperimental, _ payload: [UInt8], length: Int = 100
  ) throws -> [UInt8] {
    let frame = EthernetFrame(to: destination, from: source, tags: tags, .other(type, payload))
    return Array(try frame.octets().prefix(length))
  }

  /// Frames of every kind, all of one length, as one buffer for batches.
  static func mix(to child: MACAddress, parent: MACAddress) throws -> [[UInt8]] {
    let payload = [UInt8](repeating: 0x5a, count: 86)
    return [
      try frame(to: child, payload), try frame(to: parent, payload), try frame(to: .broadcast, payload),
      try frame(to: MACAddress(rawValue: 0x0100_5e00_00fb), payload),
      try frame(to: child, tags: [tag], payload), try frame(to: child, type: .ipv6, payload),
      try frame(to: child, tags: [serviceTag, tag], payload), try frame(to: parent, type: .arp, payload),
    ]
  }

  /// Sends `count` frames out of docker02's `ens33`.
  static func inject(_ lab: Lab, _ frames: [[UInt8]], count: Int) throws {
    try lab.namespace("docker02").run {
      let index = try NetlinkSocket().link(named: "ens33").ifindex
      let socket = clinux_packet_socket(Int32(index))
      try #require(socket >= 0)
      defer { close(socket) }
      let length = frames[0].count
      let batch = (0..<64).flatMap { frames[$0 % frames.count] }
      var sent = 0
      while sent < count {
        let result = clinux_send_frames(socket, batch, UInt32(length), UInt32(min(64, count - sent)))
        if result < 0, errno == ENOBUFS || errno == EAGAIN { continue }
        try #require(result > 0)
        sent += Int(result)
      }
    }
  }

  /// No noise: what the interfaces count between two looks is what was sent.
  static func silence(_ lab: Lab) throws {
    for name in ["docker01", "docker02", "bbox1", "bbox2", "switch"] {
      try lab.namespace(name).run { try ProcFS.write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1") }
    }
    for name in ["docker01", "docker02"] {
      _ = try lab.run(["ethtool", "-K", "ens33", "gro", "off", "tso", "off", "gso", "off"], in: name)
    }
    // Tags in the frames themselves: an interface's statistics leave out a tag that lies in a buffer's metadata.
    for port in ["port1", "port2"] {
      _ = try lab.run(
        ["ethtool", "-K", port, "txvlan", "off", "tx-vlan-stag-hw-insert", "off"], in: "switch")
    }
    // Group memberships are reported for a second after an interface came up (RFC 3376, 8.11).
    usleep(1_500_000)
  }

  private static func check(_ observation: Observation) throws -> (frames: UInt64, bytes: UInt64) {
    var received: (frames: UInt64, bytes: UInt64) = (0, 0)
    for before in observation.before.interfaces {
      let after = try #require(observation.after.interface(before.id))
      let (first, last) = (try #require(before.statistics), try #require(after.statistics))
      for direction in [Direction.ingress, .egress] {
        let own = observation.counters.filter { $0.interface == before.id && $0.direction == direction }
        let frames = own.reduce(0) { $0 + $1.frames }
        // The kernel takes the outer tag into the buffer's metadata before a child counts the frame.
        let inMetadata = own.filter { $0.vlan != nil && before.kind.isChild && direction == .ingress }
        let bytes = own.reduce(0) { $0 + $1.bytes } - inMetadata.reduce(0) { $0 + $1.frames * 4 }
        let isIngress = direction == .ingress
        #expect(
          frames
            == (isIngress ? last.receivedFrames - first.receivedFrames : last.sentFrames - first.sentFrames),
          "\(before.label) \(direction) frames")
        #expect(
          bytes == (isIngress ? last.receivedBytes - first.receivedBytes : last.sentBytes - first.sentBytes),
          "\(before.label) \(direction) octets")
        if isIngress, before.kind == .parent { received = (frames, bytes) }
      }
    }
    return received
  }

  @Test func aMillionFramesOfEveryKindAreCountedExactly() throws {
    try Observed.withLab(LabSpecification()) { lab in
      try Self.silence(lab)
      let child = try lab.namespace("bbox1").run { try NetlinkSocket().link(named: "eth0").mac }
      let parent = try lab.namespace("docker01").run { try NetlinkSocket().link(named: "ens33").mac }
      let frames = try Self.mix(to: try #require(child), parent: try #require(parent))
      let observation = try Observed.observe(lab, waiting: 500) {
        try Self.inject(lab, frames, count: 1_000_000)
      }
      let received = try Self.check(observation)
      #expect(received.frames > 800_000, "the network must carry the flood: \(received)")
      #expect(observation.loss.counterKeysOverflowed == 0)
      let tagged = observation.counters.filter { $0.vlan?.rawValue == 10 && $0.innerVLAN == nil }
      #expect(!tagged.isEmpty)
      #expect(observation.counters.contains { $0.vlan?.rawValue == 20 && $0.innerVLAN?.rawValue == 10 })
    }
  }

  @Test func hostileFramesOfEveryLengthAreCountedExactly() throws {
    try Observed.withLab(LabSpecification()) { lab in
      try Self.silence(lab)
      let parent = try #require(
        try lab.namespace("docker01").run { try NetlinkSocket().link(named: "ens33").mac })
      let payload = [UInt8](repeating: 0x60, count: 80)
      // IPv4 with options, IPv6 with a chain of extension headers, ARP, and tags with each behind them.
      let frames = [
        try Self.frame(to: parent, type: .ipv4, [0x4f] + payload, length: 96),
        try Self.frame(to: parent, type: .ipv6, [0x60, 0, 0, 0, 0, 80, 0] + payload, length: 96),
        try Self.frame(to: parent, type: .arp, payload, length: 96),
        try Self.frame(to: parent, type: .customerTag, payload, length: 96),
        try Self.frame(to: parent, tags: [Self.tag], type: .ipv4, [0x4f] + payload, length: 96),
        try Self.frame(to: parent, tags: [Self.serviceTag, Self.tag], type: .ipv6, payload, length: 96),
      ]
      let observation = try Observed.observe(lab, waiting: 300) {
        for frame in frames {
          for length in 14...frame.count { try Self.inject(lab, [Array(frame[..<length])], count: 1) }
        }
      }
      let received = try Self.check(observation)
      #expect(received.frames > 200, "the switch drops the worst, and must carry the rest")
    }
  }

  @Test func aFullTableCountsItsOverflow() throws {
    try Observed.withLab(LabSpecification()) { lab in
      try Self.silence(lab)
      let child = try #require(try lab.namespace("bbox1").run { try NetlinkSocket().link(named: "eth0").mac })
      // 256 senders, and room for 16 keys on each CPU.
      let frames = try (0..<64).map {
        try Self.frame(
          to: child, from: MACAddress(rawValue: 0x0200_0000_0100 + $0), [UInt8](repeating: 0, count: 50))
      }
      var options = CaptureOptions()
      options.counterSlots = 16
      let observation = try Observed.observe(lab, options: options, waiting: 300) {
        try Self.inject(lab, frames, count: 6400)
      }
      let counted = observation.counters.reduce(0) { $0 + $1.frames } + observation.loss.counterKeysOverflowed
      let interfaces = try observation.before.interfaces.map { before in
        let after = try #require(observation.after.interface(before.id)?.statistics)
        let first = try #require(before.statistics)
        return after.receivedFrames - first.receivedFrames + after.sentFrames - first.sentFrames
      }
      #expect(observation.loss.counterKeysOverflowed > 0)
      #expect(counted == interfaces.reduce(0, +))
    }
  }

  @Test func aRingTooSmallLosesRecordsAndSaysSo() throws {
    try Observed.withLab(LabSpecification()) { lab in
      try Self.silence(lab)
      var options = CaptureOptions()
      options.ringSize = 4096
      let observation = try Observed.observe(lab, options: options, waiting: 300) {
        let mac = MACAddress(rawValue: 0x0200_0000_0007)
        let request = EthernetFrame(
          to: .broadcast, from: mac,
          .arp(
            ARPPacket(
              .request, senderMAC: mac, senderAddress: .v4(0xac16_104d), targetAddress: .v4(0xac16_104e))))
        let octets = try request.octets(paddedTo: EthernetFrame.minimumLength)
        try Self.inject(lab, [octets], count: 50_000)
      }
      let seen = observation.sightings.filter { $0.frame.arp?.targetAddress == IPAddress("172.22.16.78") }
        .count
      let loss = observation.loss
      #expect(loss.ringFull > 0 && loss.explainingFramesLost > 0 && seen > 0)
      // What was due is either here or counted as lost: 50,000 at the parent, and the copies for the child.
      let due = observation.counters.filter { $0.source == MACAddress("02:00:00:00:00:07") }.reduce(0) {
        $0 + $1.frames
      }
      #expect(UInt64(seen) + loss.explainingFramesLost >= due)
    }
  }

  /// A copy of what a container sends to all is given back to it above its interface, without an Ethernet header.
  @Test func whatComesBackWithoutAHeaderIsNoFrame() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let observation = try Observed.observe(lab, waiting: 300) {
        for target in [["-b", "172.22.16.255"], ["-I", "eth0", "224.0.0.1"]] {
          _ = try lab.run(["ping", "-c", "5", "-i", "0.2", "-w", "2"] + target, in: "bbox1")
        }
      }
      let names = ["switch", "docker01", "docker02", "bbox1", "bbox2"]
      let addresses = try names.flatMap {
        try lab.namespace($0).run { try NetlinkSocket().links().compactMap(\.mac) }
      }
      let child = try #require(observation.before.children.first)
      for group in [MACAddress.broadcast, MACAddress(rawValue: 0x0100_5e00_0001)] {
        let sent = observation.counters.filter {
          $0.interface == child.id && $0.direction == .egress && $0.destination == group
        }
        #expect(sent.reduce(0) { $0 + $1.frames } >= 5)
      }
      let strangers = observation.counters.filter { !addresses.contains($0.source) }
      #expect(strangers.isEmpty)
    }
  }

  @Test func nothingStaysAttached() throws {
    try Observed.withLab(LabSpecification()) { lab in
      _ = try Observed.observe(lab) {
        let programs = try lab.run(["bpftool", "prog"], in: "docker01").output
        #expect(programs.contains("macvtrace_in"))
      }
      for name in ["docker01", "bbox1"] {
        let disciplines = try lab.run(["tc", "qdisc"], in: name).output
        #expect(!disciplines.contains("clsact"))
      }
      // The kernel frees a program some grace periods after its last user went.
      var isGone = false
      for _ in 0..<50 where !isGone {
        isGone = !(try lab.run(["bpftool", "prog"], in: "docker01").output.contains("macvtrace_in"))
        usleep(100_000)
      }
      #expect(isGone)
    }
  }

  @Test func aParentThatIsNotThereIsAClearError() throws {
    let result = try CommandRunner.run([".build/debug/macvtrace", "attach", "mvtnone0"])
    #expect(result.status == 2)
    #expect(result.output.contains("no interface mvtnone0"))
  }

  @Test func withoutPrivilegeTheStatusIs77() throws {
    let result = try CommandRunner.run([
      "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
      ".build/debug/macvtrace",
      "attach", "lo",
    ])
    #expect(result.status != 0)
    let real = try Observed.withLab(LabSpecification()) { lab in
      try lab.run(
        [
          "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
          ".build/debug/macvtrace",
          "attach", "ens33", "--duration", "1s",
        ], in: "docker01")
    }
    #expect(real.status == 77, "\(real.output)")
  }
}
