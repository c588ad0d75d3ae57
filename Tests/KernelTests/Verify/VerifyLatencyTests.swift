import Foundation
import TestSupport
import Testing
import TraceFile
import TraceLab
import TraceModel

/// The time in the router, beside tcpdump on both legs.
@Suite(.needs(.vlan && .bridgeVLANs)) struct VerifyLatencyTests {
  /// An echo request by its numbers.
  private struct Request: Hashable {
    let identifier: Int
    let sequence: Int
  }

  /// When a request left, and when it came in again, in nanoseconds.
  private struct Legs {
    var left: Int64?
    var came: Int64?

    var latency: Int64? {
      guard let left, let came else { return nil }
      return came - left
    }
  }

  /// Both legs are on docker01's trunk. tcpdump's places lie between macvtrace's: after its hook where frames leave, before
  /// it where they come in. So what macvtrace measures is at least what tcpdump does, of each packet, and not much more.
  @Test func theTimeInTheRouterIsWhatTcpdumpSees() throws {
    try Observed.withLab(LabTopology.vlan.specification) { lab in
      let folder = FileManager.default.temporaryDirectory.appending(path: "macvtrace-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let capture = folder.path() + "/both.pcap"
      let saved = folder.path() + "/both.mvt"
      let tcpdump = try Background(
        ["tcpdump", "-i", "ens33", "-U", "--immediate-mode", "--time-stamp-precision=nano", "-w", capture],
        in: try lab.namespace("docker01"))
      try tcpdump.waitFor("listening on")
      let verified = try Verified(lab, "--output \(saved)")
      tcpdump.stop()
      let path = try verified.path(10, 20)
      #expect(path.verdict == .routed, "\(verified.text)")

      let peer = try Self.captured(capture)
      let own = try Self.observed(saved)
      #expect(own.count >= 10 && Set(own.keys) == Set(peer.keys), "\(own.count) and \(peer.count) requests")
      let differences = own.compactMap { request, time in peer[request].map { time - $0 } }.sorted()
      let theirs = peer.values.sorted()
      let half = try #require(theirs.dropFirst(theirs.count / 2).first)
      #expect(differences.allSatisfy { $0 >= 0 }, "\(differences)")
      #expect(differences[differences.count / 2] <= half, "\(differences) beside \(theirs)")
      // The report is on every packet that crossed, so its longest is no shorter than the longest of these.
      let longest = try #require(path.hopLatency?.max)
      #expect(longest * 1000 >= Double(theirs[theirs.count - 1]), "\(longest) µs beside \(theirs) ns")
      // For who reads the log of the kernel matrix.
      print(
        "hop latency of \(theirs.count) requests: tcpdump p50 \(half / 1000) µs; macvtrace more by p50 "
          + "\(differences[differences.count / 2] / 1000), p99 \(differences[(differences.count * 99 - 1) / 100] / 1000) µs"
      )
    }
  }

  private static func latencies(_ legs: [Request: Legs]) -> [Request: Int64] {
    legs.compactMapValues(\.latency)
  }

  /// As tshark reads what tcpdump wrote.
  private static func captured(_ file: String) throws -> [Request: Int64] {
    let fields = ["frame.time_epoch", "vlan.id", "ip.ttl", "icmp.ident", "icmp.seq"]
    let tshark = Process()
    tshark.executableURL = URL(filePath: "/usr/bin/tshark")
    tshark.arguments =
      ["-r", file, "-Y", "icmp.type == 8 && vlan", "-T", "fields"] + fields.flatMap { ["-e", $0] }
    let output = Pipe()
    tshark.standardOutput = output
    tshark.standardError = FileHandle.nullDevice
    try tshark.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    tshark.waitUntilExit()
    var legs: [Request: Legs] = [:]
    for line in text.split(separator: "\n") {
      let values = line.split(separator: "\t").map { $0.split(separator: ",")[0] }
      guard values.count == fields.count, let identifier = Int(values[3]), let sequence = Int(values[4])
      else {
        continue
      }
      let parts = values[0].split(separator: ".")
      let time = try #require(Int64(parts[0] + parts[1].prefix(9)))
      note(
        &legs, Request(identifier: identifier, sequence: sequence), vlan: String(values[1]), values[2], time)
    }
    return latencies(legs)
  }

  /// As macvtrace saved it.
  private static func observed(_ file: String) throws -> [Request: Int64] {
    let observation = try ObservationReader.read(file)
    var legs: [Request: Legs] = [:]
    for sighting in observation.sightings where sighting.hook.interface == observation.after.parent {
      guard let ip = sighting.frame.ip, case .icmp(8, _, let identifier, let sequence) = ip.transport,
        let vlan = sighting.frame.outerTag?.vlanID
      else { continue }
      note(
        &legs, Request(identifier: Int(identifier), sequence: Int(sequence)), vlan: "\(vlan)", "\(ip.ttl)",
        Int64(sighting.time))
    }
    return latencies(legs)
  }

  /// Of what goes from VLAN 10 to VLAN 20.
  private static func note(
    _ legs: inout [Request: Legs], _ request: Request, vlan: String, _ ttl: some StringProtocol, _ time: Int64
  ) {
    if vlan == "10", ttl == "64" { legs[request, default: Legs()].left = time }
    if vlan == "20", ttl == "63" { legs[request, default: Legs()].came = time }
  }
}
