/// The logical link control that a frame with a length carries (IEEE 802.2, 3.2), such as a spanning tree BPDU.
public struct LLCFrame: Hashable, Sendable {
  /// The destination service access point.
  public var destinationSAP: UInt8
  /// The source service access point.
  public var sourceSAP: UInt8
  /// The control field as on the wire: one octet where its low two bits are set (unnumbered), else two.
  public var control: [UInt8]
  /// What follows.
  public var payload: [UInt8]
  /// How many octets the length field announces that are not here; 0 in a whole frame.
  public var missing: Int

  /// Makes a frame; the control field 0x03 is unnumbered information.
  public init(
    destinationSAP: UInt8, sourceSAP: UInt8, control: [UInt8] = [0x03], payload: [UInt8], missing: Int = 0
  ) {
    self.destinationSAP = destinationSAP
    self.sourceSAP = sourceSAP
    self.control = control
    self.payload = payload
    self.missing = missing
  }

  static func parse(_ octets: ArraySlice<UInt8>, length: Int) throws(ParseFailure) -> (
    LLCFrame, trailer: ArraySlice<UInt8>
  ) {
    guard length >= 3 else { throw .unexpected(.ethernet, field: "length", value: length) }
    var reader = OctetReader(octets.prefix(length), .llc)
    try reader.require(3)
    let destination = try reader.integer(UInt8.self)
    let source = try reader.integer(UInt8.self)
    let isUnnumbered = (reader.rest.first ?? 0) & 3 == 3
    let control = Array(try reader.take(isUnnumbered ? 1 : 2))
    let frame = LLCFrame(
      destinationSAP: destination, sourceSAP: source, control: control, payload: Array(reader.rest),
      missing: max(0, length - octets.count))
    return (frame, octets.dropFirst(length))
  }

  func octets() -> [UInt8] { [destinationSAP, sourceSAP] + control + payload }

  func lengthField() throws(BuildError) -> UInt16 {
    UInt16(
      try BuildError.length(
        octets().count + max(0, missing), "length", of: .llc, limit: EtherType.largestLength))
  }
}
