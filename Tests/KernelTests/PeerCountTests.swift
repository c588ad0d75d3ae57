import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import Testing
import TraceCapture
import TraceLab
import TraceModel

/// Our counts beside those of others: what tcpdump captured, and what a wire without offloads carried.
@Suite(.serialized) struct PeerCountTests {
  private struct Flow: Hashable {
    var source: String
    var destination: String
    var vlan: UInt16?
  }
  private struct Sum: Equatable {
    var frames: UInt64 = 0
    var bytes: UInt64 = 0
  }

  /// Reads `tcpdump -e`: `SOURCE > DESTINATION, ethertype 802.1Q (0x8100), length 100: vlan 10, ...`.
  private static func captured(_ lines: String) -> [Flow: Sum] {
    var sums: [Flow: Sum] = [:]
    for line in lines.split(separator: "\n") {
      let words = line.split(whereSeparator: { " ,:".contains($0) && $0 != ":" })
      guard words.count > 3, words[1] == ">", let length = words.firstIndex(of: "length"),
        let bytes = UInt64(words[length + 1].filter(\.isNumber))
      else { continue }
      let vlan = words.firstIndex(of: "vlan").flatMap { UInt16(words[$0 + 1]) }
      let flow = Flow(source: String(words[0]), destination: String(words[2]), vlan: vlan)
      sums[flow, default: Sum()].frames += 1
      sums[flow, default: Sum()].bytes += bytes
    }
    return sums
  }

  @Test func theCountsAreThoseOfTcpdump() throws {
    try Observed.withLab(LabSpecification()) { lab in
      try CountingTests.silence(lab)
      let child = try lab.namespace("bbox1").run { try NetlinkSocket().link(named: "eth0").mac }
      let parent = try lab.namespace("docker01").run { try NetlinkSocket().link(named: "ens33").mac }
      let frames = try CountingTests.mix(to: try #require(child), parent: try #require(parent))
      let file = "/tmp/\(lab.specification.prefix)tcpdump.pcap"
      defer { unlink(file) }
      let capture = try Background(
        [
          "tcpdump", "-i", "ens33", "-Q", "in", "-B", "65536", "-s", "64", "--immediate-mode", "-U", "-w",
          file,
        ],
        in: lab.namespace("docker01"))
      try capture.waitFor("listening on")
      let observation = try Observed.observe(lab, waiting: 500) {
        try CountingTests.inject(lab, frames, count: 40_000)
      }
      let ending = capture.stop()
      try #require(ending.contains("0 packets dropped by kernel"), "\(ending)")
      let peer = Self.captured(
        try CommandRunner.run(["tcpdump", "-r", file, "-e", "-nn", "-q", "-t"]).output)
      var own: [Flow: Sum] = [:]
      for counter in observation.counters
      where counter.interface == observation.before.parent && counter.direction == .ingress {
        let flow = Flow(
          source: "\(counter.source)", destination: "\(counter.destination)", vlan: counter.vlan?.rawValue)
        own[flow, default: Sum()].frames += counter.frames
        own[flow, default: Sum()].bytes += counter.bytes
      }
      let broadcast = own.reduce(into: own) { result, entry in
        // tcpdump names the address that all stations have.
        if entry.key.destination == "ff:ff:ff:ff:ff:ff" {
          var flow = entry.key
          flow.destination = "Broadcast"
          result[flow] = result.removeValue(forKey: entry.key)
        }
      }
      #expect(peer.values.reduce(0) { $0 + $1.frames } > 30_000, "the switch must carry the rest")
      for (flow, sum) in peer {
        #expect(own[flow] == sum || broadcast[flow] == sum, "\(flow)")
      }
      #expect(own.count == peer.count)
    }
  }

  /// The switch's port to docker02 cuts each buffer before it counts it: it carries what a wire would.
  @Test(arguments: [["-c"], ["-R", "-c"]])
  func bufferedSegmentsAreCountedAsTheWireCarriesThem(_ direction: [String]) throws {
    try Observed.withLab(LabSpecification()) { lab in
      try CountingTests.silence(lab)
      let offloads = { (state: String, link: String, name: String) in
        _ = try lab.run(["ethtool", "-K", link, "gro", state, "gso", state, "tso", state], in: name)
      }
      try offloads("on", "ens33", "docker01")
      try offloads("on", "eth0", "bbox1")
      try offloads("off", "port2", "switch")
      // The other end of a pair merges only what its sender could not have left whole.
      try offloads("off", "port1", "switch")
      let server = try Background(["iperf3", "-s", "-1", "--forceflush"], in: lab.namespace("docker02"))
      try server.waitFor("listening")
      let wire = { try lab.namespace("switch").run { try NetlinkSocket().link(named: "port2").statistics } }
      let first = try #require(try wire())
      var options = CaptureOptions()
      options.samplingMask = 0
      let observation = try Observed.observe(lab, options: options, waiting: 300) {
        let result = try lab.run(["iperf3", "-n", "200M"] + direction + ["172.22.16.3"], in: "bbox1")
        try #require(result.status == 0, "\(result.output)")
      }
      server.stop()
      let last = try #require(try wire())
      let parent = observation.before.parent
      let sum = { (way: Direction) in
        observation.counters.filter { $0.interface == parent && $0.direction == way }.reduce(into: Sum()) {
          $0.frames += $1.frames
          $0.bytes += $1.bytes
        }
      }
      #expect(
        sum(.egress)
          == Sum(frames: last.sentPackets - first.sentPackets, bytes: last.sentBytes - first.sentBytes))
      #expect(
        sum(.ingress)
          == Sum(
            frames: last.receivedPackets - first.receivedPackets,
            bytes: last.receivedBytes - first.receivedBytes
          ))
      let way: Direction = direction.contains("-R") ? .ingress : .egress
      let largest = observation.sightings.filter { $0.hook == Hook(parent, way) }.map(\.segments).max()
      #expect(try #require(largest) > 1, "no buffer stood for several frames: nothing was tested")
    }
  }

  /// Tags for which this kernel has no device, of both protocols, and none at all: the report tells them apart.
  @Test func tagsAreToldApartByVLANAndProtocolAsTcpdumpDoes() throws {
    try Observed.withLab(LabSpecification()) { lab in
      try CountingTests.silence(lab)
      let child = try lab.namespace("bbox1").run { try NetlinkSocket().link(named: "eth0").mac }
      let parent = try lab.namespace("docker01").run { try NetlinkSocket().link(named: "ens33").mac }
      let frames = try CountingTests.mix(to: try #require(child), parent: try #require(parent))
      let file = "/tmp/\(lab.specification.prefix)vlans.pcap"
      defer { unlink(file) }
      let capture = try Background(
        ["tcpdump", "-i", "ens33", "-Q", "in", "-B", "65536", "--immediate-mode", "-U", "-w", file],
        in: lab.namespace("docker01"))
      try capture.waitFor("listening on")
      let observation = try Observed.observe(lab, waiting: 500) {
        try CountingTests.inject(lab, frames, count: 8000)
      }
      let ending = capture.stop()
      try #require(ending.contains("0 packets dropped by kernel"), "\(ending)")
      let count = { (filter: String) throws -> UInt64? in
        let lines = try CommandRunner.run([
          "sh", "-c", "tcpdump -r \(file) --count '\(filter)' 2>/dev/null",
        ])
        return UInt64(lines.output.filter(\.isNumber))
      }
      let vlans = Report(of: observation, findings: []).vlans
      let of = { (vlan: UInt16?, kind: VLANProtocol?) in
        vlans.first { $0.vlan?.rawValue == vlan && $0.vlanProtocol == kind }
      }
      // libpcap has the first tag by its place in the frame, whichever protocol it has.
      let tagged = try count("ether[12:2] = 0x8100")
      let service = try count("ether[12:2] = 0x88a8")
      let untagged = try count("ether[12:2] != 0x8100 and ether[12:2] != 0x88a8")
      #expect(tagged ?? 0 > 0 && service ?? 0 > 0 && untagged ?? 0 > 0)
      #expect(of(10, .ieee8021Q)?.framesIn == tagged)
      #expect(of(10, .ieee8021Q)?.handling == .unknown)
      #expect(of(20, .ieee8021ad)?.framesIn == service)
      #expect(of(20, .ieee8021ad)?.innerVLAN?.rawValue == 10)
      #expect(of(nil, nil)?.framesIn == untagged)
      #expect(of(nil, nil)?.handling == .untagged)
    }
  }
}
