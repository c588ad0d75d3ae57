import NetworkAddresses
import TraceModel

/// A packet as a filter compares it: what is known of its octets and of what the kernel knows of it.
struct FilterPacket {
  private var network: [Int: UInt8] = [:]
  private var transport: [Int: UInt8] = [:]
  private var transportProtocol: UInt8?
  private let family: UInt8?
  private let input: Interface?
  private let output: Interface?
  private let state: UInt32?

  /// Describes a packet.
  ///
  /// - Parameters:
  ///   - input: what it came in by, where that is known.
  ///   - output: what it leaves by, where that is known.
  ///   - state: what connection tracking makes of it, where that can be told: `FilterSubject.connectionState`.
  init(_ frame: Frame, input: Interface?, output: Interface?, state: UInt32?) {
    self.input = input
    self.output = output
    self.state = state
    switch frame.network {
    case .ip(let ip):
      family = ip.destination.isIPv4 ? 2 : 10
      transportProtocol = ip.protocol
      let isIPv4 = ip.destination.isIPv4
      put(&network, isIPv4 ? 12 : 8, ip.source.octets)
      put(&network, isIPv4 ? 16 : 24, ip.destination.octets)
      put(&network, isIPv4 ? 9 : 6, [ip.protocol])
      put(&network, isIPv4 ? 8 : 7, [ip.ttl])
      guard ip.fragmentOffset == 0 else { return }
      switch ip.transport {
      case .icmp(let type, let code, let identifier, let sequence):
        put(&transport, 0, [type, code])
        put(&transport, 4, Self.octets(identifier) + Self.octets(sequence))
      case .neighborDiscovery(let target, let type):
        put(&transport, 0, [type, 0])
        put(&transport, 8, target.octets)
      case .tcp(let source, let destination, let flags, _, _):
        put(&transport, 0, Self.octets(source) + Self.octets(destination))
        put(&transport, 13, [flags])
      case .udp(let source, let destination, _):
        put(&transport, 0, Self.octets(source) + Self.octets(destination))
      case .none: break
      }
    case .arp(let arp):
      family = 3
      // Hardware and protocol types and lengths, then the operation (RFC 826).
      put(&network, 0, [0, 1, 8, 0, 6, 4] + Self.octets(arp.operation))
      put(&network, 14, arp.senderAddress.octets)
      put(&network, 24, arp.targetAddress.octets)
    case .other: family = nil
    }
  }

  private func put(_ header: inout [Int: UInt8], _ offset: Int, _ octets: [UInt8]) {
    for (index, octet) in octets.enumerated() { header[offset + index] = octet }
  }

  private static func octets(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }

  /// Whether chains of the family see it.
  func isSeen(by family: FilterFamily) -> Bool {
    switch family {
    case .ip: self.family == 2
    case .ip6: self.family == 10
    case .inet: self.family == 2 || self.family == 10
    case .arp: self.family == 3
    case .netdev, .bridge: true
    }
  }

  /// Whether the condition holds; `nil` where that cannot be told.
  func meets(_ condition: FilterCondition) -> Bool? {
    guard case .compare(let subject, let mask, let operation, let value) = condition,
      var octets = octets(of: subject), octets.count >= value.count
    else { return nil }
    octets = Array(octets.prefix(value.count))
    if let mask {
      guard mask.count >= octets.count else { return nil }
      octets = zip(octets, mask).map { $0 & $1 }
    }
    let isLess = octets.lexicographicallyPrecedes(value)
    return switch operation {
    case .equal: octets == value
    case .notEqual: octets != value
    case .less: isLess
    case .lessOrEqual: isLess || octets == value
    case .greater: !isLess && octets != value
    case .greaterOrEqual: !isLess
    }
  }

  private func octets(of subject: FilterSubject) -> [UInt8]? {
    switch subject {
    case .payload(let base, let offset, let length):
      guard base == 1 || base == 2, (1...64).contains(length), (0...1500).contains(offset) else { return nil }
      let header = base == 1 ? network : transport
      let read = (offset..<offset + length).compactMap { header[$0] }
      return read.count == length ? read : nil
    case .transportProtocol: return transportProtocol.map { [$0] }
    case .networkProtocol: return family.map { [$0] }
    case .inputInterface: return input.map { native($0.id.ifindex) }
    case .outputInterface: return output.map { native($0.id.ifindex) }
    case .inputName: return input.map(Self.name)
    case .outputName: return output.map(Self.name)
    case .connectionState: return state.map(native)
    }
  }

  private func native(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

  /// A name in the 16 octets that the kernel compares.
  private static func name(_ interface: Interface) -> [UInt8] {
    let octets = Array(interface.name.utf8.prefix(15))
    return octets + [UInt8](repeating: 0, count: 16 - octets.count)
  }
}
