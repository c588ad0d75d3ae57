public import NetworkAddresses

/// An Ethernet frame without its frame check sequence (IEEE 802.3, 3.1).
public struct EthernetFrame: Hashable, Sendable {
  /// The receiver, or a group.
  public var destination: MACAddress
  /// The sender.
  public var source: MACAddress
  /// The tags, outermost first.
  public var tags: [EthernetTag]
  /// What is behind the header and the tags.
  public var content: EthernetContent
  /// The octets behind what `content` says its length is: padding, or something that does not belong there.
  public var trailer: [UInt8]

  /// Makes a frame.
  public init(
    to destination: MACAddress, from source: MACAddress, tags: [EthernetTag] = [], _ content: EthernetContent,
    trailer: [UInt8] = []
  ) {
    self.destination = destination
    self.source = source
    self.tags = tags
    self.content = content
    self.trailer = trailer
  }

  /// The octets of destination, source and type.
  public static let headerLength = 14
  /// What a sender pads a frame to (IEEE 802.3, 4.4.2: 64 octets with the frame check sequence).
  public static let minimumLength = 60
}

extension EthernetFrame {
  /// Reads a frame.
  ///
  /// What is cut off or wrong behind the Ethernet header is said in `content`, at the layer where it stands.
  ///
  /// - Parameter octets: the frame from its destination on, without a frame check sequence.
  /// - Throws: `ParseFailure.truncated` for fewer than 14 octets.
  public init(octets: some Collection<UInt8>) throws(ParseFailure) {
    var reader = OctetReader(Array(octets)[...], .ethernet)
    try reader.require(Self.headerLength)
    let destination = try reader.macAddress()
    let source = try reader.macAddress()
    var type = EtherType(rawValue: try reader.integer())
    var tags: [EthernetTag] = []
    while type.isTag, reader.rest.count >= 4 {
      tags.append(EthernetTag(type: type, tagControlInformation: try reader.integer()))
      type = EtherType(rawValue: try reader.integer())
    }
    let (content, trailer) = EthernetContent.parse(type, reader.rest)
    self.init(to: destination, from: source, tags: tags, content, trailer: Array(trailer))
  }

  /// The frame on the wire, without a frame check sequence.
  ///
  /// - Parameter minimum: zeros are appended up to this length.
  public func octets(paddedTo minimum: Int = 0) throws(BuildError) -> [UInt8] {
    var octets = destination.octets + source.octets
    for tag in tags {
      octets.append(bigEndian: tag.type.rawValue)
      octets.append(bigEndian: tag.tagControlInformation)
    }
    let (type, payload) = try content.wireForm()
    octets.append(bigEndian: type)
    octets += payload + trailer
    octets += repeatElement(0, count: max(0, minimum - octets.count))
    return octets
  }
}
