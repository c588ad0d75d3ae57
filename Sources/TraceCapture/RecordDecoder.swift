import CMacvtraceABI
import NetworkAddresses
import TraceModel

/// A record of the ring buffer, decoded.
enum TraceRecord: Sendable {
  case sighting(Sighting)
  case drop(mvt_drop, Frame?)
  case neighbor(NeighborEvent)
}

/// From octets of the ring buffer to values: the only place that sees the layout of the records.
struct RecordDecoder: Sendable {
  /// Decodes one record; `nil` when it is malformed or from a hook that is not known.
  static func decode(_ bytes: UnsafeRawBufferPointer, _ registry: HookRegistry) -> TraceRecord? {
    guard bytes.count >= 8 else { return nil }
    switch bytes.loadUnaligned(as: UInt32.self) {
    case MVT_SIGHTING.rawValue where bytes.count >= MemoryLayout<mvt_sighting>.size:
      let record = bytes.loadUnaligned(as: mvt_sighting.self)
      guard let hook = registry.hook(record.hook), let reason = SelectionReason(rawValue: record.reason)
      else {
        return nil
      }
      return .sighting(
        Sighting(
          time: record.time, hook: hook, packetID: record.packet_id, reason: reason, length: record.length,
          segments: record.segments, frame: frame(record.frame)))
    case MVT_DROP.rawValue where bytes.count >= MemoryLayout<mvt_drop>.size:
      let record = bytes.loadUnaligned(as: mvt_drop.self)
      return .drop(record, record.has_frame != 0 ? frame(record.frame) : nil)
    case MVT_NEIGHBOR.rawValue where bytes.count >= MemoryLayout<mvt_neighbor>.size:
      let record = bytes.loadUnaligned(as: mvt_neighbor.self)
      guard let state = NeighborState(nud: record.state) else { return nil }
      let mac = MACAddress(record.mac)
      return .neighbor(
        NeighborEvent(
          time: record.time,
          interface: InterfaceID(namespace: UInt64(record.namespace_inode), ifindex: record.ifindex),
          address: address(record.address, isIPv4: record.family == 2),
          mac: state.isResolved && mac != .zero ? mac : nil, state: state))
    default: return nil
    }
  }

  private static func address(
    _ octets: (
      UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8,
      UInt8
    ), isIPv4: Bool
  ) -> IPAddress {
    withUnsafeBytes(of: octets) { octets in
      if isIPv4 { return .v4(UInt32(bigEndian: octets.loadUnaligned(as: UInt32.self))) }
      return .v6(
        high: UInt64(bigEndian: octets.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }

  static func frame(_ record: mvt_frame) -> Frame {
    var frame = Frame(
      source: MACAddress(record.source), destination: MACAddress(record.destination),
      outerTag: tag(record.outer_protocol, record.outer_tci),
      innerTag: tag(record.inner_protocol, record.inner_tci),
      etherType: record.ether_type, network: network(record))
    frame.lease = lease(record)
    return frame
  }

  /// What a DHCP server hands out; the BPF program leaves it zero where it does not.
  private static func lease(_ record: mvt_frame) -> AddressLease? {
    guard UInt32(record.transport) == MVT_TRANSPORT_UDP.rawValue,
      UInt32(record.network) == MVT_NETWORK_IPV4.rawValue, record.source_port == 67
    else { return nil }
    let octets = record.target
    let address = IPAddress.v4(
      UInt32(octets.0) << 24 | UInt32(octets.1) << 16 | UInt32(octets.2) << 8 | UInt32(octets.3))
    guard !address.isUnspecified else { return nil }
    return AddressLease(
      address: address, client: MACAddress((octets.4, octets.5, octets.6, octets.7, octets.8, octets.9)))
  }

  private static func tag(_ protocolID: UInt16, _ tci: UInt16) -> VLANTag? {
    protocolID == 0 ? nil : VLANTag(protocolID: protocolID, controlInformation: tci)
  }

  private static func network(_ record: mvt_frame) -> NetworkFields {
    let isIPv6 = UInt32(record.network) == MVT_NETWORK_IPV6.rawValue
    let source = address(record.source_address, isIPv4: !isIPv6)
    let destination = address(record.destination_address, isIPv4: !isIPv6)
    switch UInt32(record.network) {
    case MVT_NETWORK_ARP.rawValue:
      let target = record.target
      return .arp(
        ARPFields(
          operation: record.arp_operation,
          senderMAC: MACAddress((target.0, target.1, target.2, target.3, target.4, target.5)),
          senderAddress: source,
          targetMAC: MACAddress((target.6, target.7, target.8, target.9, target.10, target.11)),
          targetAddress: destination))
    case MVT_NETWORK_IPV4.rawValue, MVT_NETWORK_IPV6.rawValue:
      return .ip(
        IPFields(
          source: source, destination: destination, protocol: record.protocol, ttl: record.ttl,
          identification: record.identification, fragmentOffset: record.fragment_offset,
          transport: transport(record)))
    default: return .other
    }
  }

  private static func transport(_ record: mvt_frame) -> TransportFields {
    switch UInt32(record.transport) {
    case MVT_TRANSPORT_ICMP.rawValue:
      .icmp(
        type: record.flags_or_type, code: record.code, identifier: record.source_port,
        sequence: record.destination_port)
    case MVT_TRANSPORT_NEIGHBOR_DISCOVERY.rawValue:
      .neighborDiscovery(type: record.flags_or_type, target: address(record.target, isIPv4: false))
    case MVT_TRANSPORT_TCP.rawValue:
      .tcp(
        sourcePort: record.source_port, destinationPort: record.destination_port, flags: record.flags_or_type,
        sequence: record.sequence, acknowledgment: record.acknowledgment)
    case MVT_TRANSPORT_UDP.rawValue:
      .udp(sourcePort: record.source_port, destinationPort: record.destination_port)
    default: .none
    }
  }
}
