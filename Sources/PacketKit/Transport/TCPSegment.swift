/// A TCP segment (RFC 9293, 3.1).
public struct TCPSegment: Hashable, Sendable {
  /// The control bits, with the four reserved bits above them as they came.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The bits, of which the low twelve count.
    public var rawValue: UInt16
    /// Takes any bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// The sender has no more data.
    public static let fin = Flags(rawValue: 0x01)
    /// The sequence number is the first.
    public static let syn = Flags(rawValue: 0x02)
    /// The connection is aborted.
    public static let rst = Flags(rawValue: 0x04)
    /// The receiver shall not wait for more.
    public static let psh = Flags(rawValue: 0x08)
    /// The acknowledgment number counts.
    public static let ack = Flags(rawValue: 0x10)
    /// The urgent pointer counts.
    public static let urg = Flags(rawValue: 0x20)
    /// ECN echo (RFC 3168).
    public static let ece = Flags(rawValue: 0x40)
    /// Congestion window reduced (RFC 3168).
    public static let cwr = Flags(rawValue: 0x80)
  }

  /// The sender's port.
  public var sourcePort: UInt16
  /// The receiver's port.
  public var destinationPort: UInt16
  /// The number of the first octet of the payload, or of SYN.
  public var sequence: UInt32
  /// The number of the next octet that the sender waits for.
  public var acknowledgment: UInt32
  /// The control bits.
  public var flags: Flags
  /// The window before scaling (RFC 7323).
  public var window: UInt16
  /// The checksum over the segment and the addresses.
  public var checksum: Checksum
  /// Where urgent data ends, from `sequence` on.
  public var urgentPointer: UInt16
  /// The options.
  public var options: [TCPOption]
  /// What it carries.
  public var payload: [UInt8]

  /// Makes a segment.
  public init(
    from sourcePort: UInt16, to destinationPort: UInt16, sequence: UInt32, acknowledgment: UInt32 = 0,
    flags: Flags, window: UInt16 = 0xffff, checksum: Checksum = .correct, urgentPointer: UInt16 = 0,
    options: [TCPOption] = [], _ payload: [UInt8] = []
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.sequence = sequence
    self.acknowledgment = acknowledgment
    self.flags = flags
    self.window = window
    self.checksum = checksum
    self.urgentPointer = urgentPointer
    self.options = options
    self.payload = payload
  }

  /// The octets of a header without options.
  public static let headerLength = 20
}

extension TCPSegment {
  init(_ octets: ArraySlice<UInt8>, _ context: TransportContext) throws(ParseFailure) {
    var reader = OctetReader(octets, .tcp)
    try reader.require(Self.headerLength)
    self.init(
      from: try reader.integer(), to: try reader.integer(), sequence: try reader.integer(),
      acknowledgment: try reader.integer(), flags: [])
    let offsetAndFlags = try reader.integer(UInt16.self)
    let headerLength = Int(offsetAndFlags >> 12) * 4
    guard headerLength >= Self.headerLength else {
      throw .unexpected(.tcp, field: "data offset", value: headerLength / 4)
    }
    flags = Flags(rawValue: offsetAndFlags & 0xfff)
    window = try reader.integer()
    checksum = context.judge(try reader.integer(), .tcp, octets)
    urgentPointer = try reader.integer()
    options = HeaderOption.list(try reader.take(headerLength - Self.headerLength)).map { TCPOption($0) }
    payload = Array(reader.rest)
  }

  func octets(_ header: PseudoHeader) throws(BuildError) -> [UInt8] {
    let options = try HeaderOption.octets(options.map(\.headerOption), .tcp)
    let headerLength = Self.headerLength + options.count
    var octets: [UInt8] = []
    octets.append(bigEndian: sourcePort)
    octets.append(bigEndian: destinationPort)
    octets.append(bigEndian: sequence)
    octets.append(bigEndian: acknowledgment)
    octets.append(bigEndian: UInt16(headerLength / 4) << 12 | flags.rawValue & 0xfff)
    octets.append(bigEndian: window)
    octets += [0, 0]
    octets.append(bigEndian: urgentPointer)
    octets += options + payload
    octets.set(checksum.field { header.checksum(.tcp, over: octets) }, at: 16)
    return octets
  }
}
