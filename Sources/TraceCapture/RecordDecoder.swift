import CMacvtraceABI
import NetworkAddresses
import TraceModel

/// From octets of the ring buffer to values: the only place that sees the layout of the records. Reads them where the ring
/// buffer holds them, aligned to 8 octets. Inlined as a whole, as copies of a sighting and its parts would cost more than
/// all else.
enum RecordDecoder {
  /// What a record is; `nil` when it is too short to say so.
  static func kind(_ bytes: UnsafeRawBufferPointer) -> mvt_record_kind? {
    guard bytes.count >= MemoryLayout<UInt32>.size else { return nil }
    return mvt_record_kind(bytes.load(as: UInt32.self))
  }

  /// Decodes a record of the kind `MVT_SIGHTING`; `nil` when it is malformed or from a hook that is not known.
  @inline(__always)
  static func sighting(_ bytes: UnsafeRawBufferPointer, _ registry: HookRegistry) -> Sighting? {
    guard let record = record(bytes, as: mvt_sighting.self), let fields = record.pointer(to: \.frame),
      let hook = registry.hook(record.pointee.hook),
      let reason = SelectionReason(rawValue: record.pointee.reason)
    else { return nil }
    return Sighting(
      time: record.pointee.time, hook: hook, packetID: record.pointee.packet_id, reason: reason,
      length: record.pointee.length, segments: record.pointee.segments, frame: frame(fields))
  }

  /// A copy of a record of the kind `MVT_DROP`, whose frame is decoded when a report is made; `nil` when it is malformed.
  static func drop(_ bytes: UnsafeRawBufferPointer) -> mvt_drop? {
    record(bytes, as: mvt_drop.self)?.pointee
  }

  /// The frame that a drop took; `nil` when it could not be read.
  static func frame(of drop: mvt_drop) -> Frame? {
    drop.has_frame == 0 ? nil : withUnsafePointer(to: drop.frame, frame)
  }

  /// Decodes a record of the kind `MVT_NEIGHBOR`; `nil` when it is malformed.
  static func neighborEvent(_ bytes: UnsafeRawBufferPointer) -> NeighborEvent? {
    guard let record = record(bytes, as: mvt_neighbor.self),
      let state = NeighborState(nud: record.pointee.state)
    else { return nil }
    let mac = MACAddress(record.pointee.mac)
    return NeighborEvent(
      time: record.pointee.time,
      interface: InterfaceID(
        namespace: UInt64(record.pointee.namespace_inode), ifindex: record.pointee.ifindex),
      address: record.octets(\.address).address(isIPv4: record.pointee.family == 2),
      mac: state.isResolved && mac != .zero ? mac : nil, state: state)
  }

  private static func record<Record>(
    _ bytes: UnsafeRawBufferPointer, as _: Record.Type
  ) -> UnsafePointer<Record>? {
    guard bytes.count >= MemoryLayout<Record>.size else { return nil }
    return bytes.baseAddress?.assumingMemoryBound(to: Record.self)
  }

  @inline(__always)
  private static func frame(_ record: UnsafePointer<mvt_frame>) -> Frame {
    Frame(
      source: record.octets(\.source).mac(), destination: record.octets(\.destination).mac(),
      outerTag: tag(record.pointee.outer_protocol, record.pointee.outer_tci),
      innerTag: tag(record.pointee.inner_protocol, record.pointee.inner_tci),
      etherType: record.pointee.ether_type, network: network(record))
  }

  /// What a DHCP server hands out; the BPF program leaves it zero where it does not.
  @inline(__always)
  private static func lease(_ record: UnsafePointer<mvt_frame>) -> AddressLease? {
    guard UInt32(record.pointee.network) == MVT_NETWORK_IPV4.rawValue, record.pointee.source_port == 67
    else { return nil }
    let target = record.octets(\.target)
    let number = target.number(at: 0, as: UInt32.self)
    return number == 0 ? nil : AddressLease(number: number, client: target.mac(at: 4))
  }

  @inline(__always)
  private static func tag(_ protocolID: UInt16, _ tci: UInt16) -> VLANTag? {
    protocolID == 0 ? nil : VLANTag(protocolID: protocolID, controlInformation: tci)
  }

  @inline(__always)
  private static func network(_ record: UnsafePointer<mvt_frame>) -> NetworkFields {
    let kind = UInt32(record.pointee.network)
    let isIPv6 = kind == MVT_NETWORK_IPV6.rawValue
    let source = record.octets(\.source_address).address(isIPv4: !isIPv6)
    let destination = record.octets(\.destination_address).address(isIPv4: !isIPv6)
    switch kind {
    case MVT_NETWORK_ARP.rawValue:
      let target = record.octets(\.target)
      return .arp(
        ARPFields(
          operation: record.pointee.arp_operation, senderMAC: target.mac(), senderAddress: source,
          targetMAC: target.mac(at: 6), targetAddress: destination))
    case MVT_NETWORK_IPV4.rawValue, MVT_NETWORK_IPV6.rawValue:
      return .ip(
        IPFields(
          source: source, destination: destination, protocol: record.pointee.protocol,
          ttl: record.pointee.ttl, identification: record.pointee.identification,
          fragmentOffset: record.pointee.fragment_offset, transport: transport(record)))
    default: return .other
    }
  }

  @inline(__always)
  private static func transport(_ record: UnsafePointer<mvt_frame>) -> TransportFields {
    switch UInt32(record.pointee.transport) {
    case MVT_TRANSPORT_ICMP.rawValue:
      .icmp(
        type: record.pointee.flags_or_type, code: record.pointee.code,
        identifier: record.pointee.source_port, sequence: record.pointee.destination_port)
    case MVT_TRANSPORT_NEIGHBOR_DISCOVERY.rawValue:
      .neighborDiscovery(
        target: record.octets(\.target).address(isIPv4: false), type: record.pointee.flags_or_type)
    case MVT_TRANSPORT_TCP.rawValue:
      .tcp(
        sourcePort: record.pointee.source_port, destinationPort: record.pointee.destination_port,
        flags: record.pointee.flags_or_type, sequence: record.pointee.sequence,
        acknowledgment: record.pointee.acknowledgment)
    case MVT_TRANSPORT_UDP.rawValue:
      .udp(
        sourcePort: record.pointee.source_port, destinationPort: record.pointee.destination_port,
        lease: lease(record))
    default: .none
    }
  }
}

extension UnsafePointer {
  /// Where a field of the record begins: known when this is compiled.
  @inline(__always)
  fileprivate func octets<Field>(_ field: KeyPath<Pointee, Field>) -> UnsafeRawPointer {
    UnsafeRawPointer(self) + (MemoryLayout<Pointee>.offset(of: field) ?? 0)
  }
}

extension UnsafeRawPointer {
  @inline(__always)
  fileprivate func number<Number: FixedWidthInteger>(at offset: Int, as _: Number.Type) -> Number {
    Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// The six octets there, of which the record has eight.
  @inline(__always)
  fileprivate func mac(at offset: Int = 0) -> MACAddress {
    MACAddress(rawValue: number(at: offset, as: UInt64.self) >> 16)
  }

  /// The four octets there, or the sixteen.
  @inline(__always)
  fileprivate func address(isIPv4: Bool) -> IPAddress {
    if isIPv4 { return .v4(number(at: 0, as: UInt32.self)) }
    return .v6(high: number(at: 0, as: UInt64.self), low: number(at: 8, as: UInt64.self))
  }
}
