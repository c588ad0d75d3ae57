import FoundationEssentials
import TraceModel

/// What iperf3 3.x prints with `-J`, as far as it is read.
struct IperfResult: Decodable {
  struct Sum: Decodable {
    var seconds: Double?
    var bits_per_second: Double?
    var retransmits: UInt64?
    var packets: UInt64?
    var lost_packets: Int64?
    var jitter_ms: Double?
  }

  struct Processor: Decodable {
    var host_total: Double?
    var remote_total: Double?
  }

  struct End: Decodable {
    var sum: Sum?
    var sum_sent: Sum?
    var sum_received: Sum?
    var cpu_utilization_percent: Processor?
  }

  var end: End?
  var error: String?

  static func read(_ output: [UInt8]) throws(MeasurementError) -> IperfResult {
    do {
      return try JSONDecoder().decode(IperfResult.self, from: Data(output))
    } catch {
      throw MeasurementError("iperf3 said nothing that could be read (\(output.count) octets)")
    }
  }

  func result(_ transport: ThroughputResult.Transport, _ direction: LoadDirection) throws(MeasurementError)
    -> ThroughputResult
  {
    if let error { throw MeasurementError("iperf3: \(error)") }
    guard let end, let received = end.sum_received ?? end.sum, let rate = received.bits_per_second else {
      throw MeasurementError("iperf3 printed no result")
    }
    var result = ThroughputResult(
      transport, direction, seconds: received.seconds ?? 0, bitsPerSecond: rate)
    if transport == .tcp {
      result.retransmits = end.sum_sent?.retransmits
    } else if let sum = end.sum, let packets = sum.packets, packets > 0 {
      let lost = min(UInt64(max(sum.lost_packets ?? 0, 0)), packets)
      result.datagrams = packets
      result.lostDatagrams = lost
      result.jitter = sum.jitter_ms.map { $0 * 1000 }
      let offered = end.sum_sent?.bits_per_second ?? sum.bits_per_second ?? rate
      result.offeredBitsPerSecond = offered
      result.bitsPerSecond = offered * (1 - Double(lost) / Double(packets))
    }
    let (own, other) = (end.cpu_utilization_percent?.host_total, end.cpu_utilization_percent?.remote_total)
    result.senderCPU = direction == .forward ? own : other
    result.receiverCPU = direction == .forward ? other : own
    return result
  }
}
