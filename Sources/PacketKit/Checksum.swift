/// What a packet's checksum field says about the octets that it covers (RFC 1071).
///
/// A frame that its own host has yet to send often reads as `incorrect`: the network card fills the field in.
public enum Checksum: Hashable, Sendable {
  /// It agrees with the octets; building computes it.
  case correct
  /// The sender computed none: UDP's 0 (RFC 768; RFC 6935 in IPv6).
  case absent
  /// It disagrees with the octets; building writes this number.
  case incorrect(UInt16)
  /// Not all the octets that it covers are here: a fragment, or a frame cut off; building writes this number.
  case unverified(UInt16)

  /// Whether octets that contain their own checksum agree with it: an ICMP message, an IPv4 header.
  public static func isCorrect(over octets: some Sequence<UInt8>) -> Bool {
    var sum = InternetChecksum()
    sum.add(octets)
    return sum.value == 0
  }

  /// The number on the wire, of which `correct` is computed over the octets with a zero in the field.
  func field(_ correct: () -> UInt16) -> UInt16 {
    switch self {
    case .correct: correct()
    case .absent: 0
    case .incorrect(let value), .unverified(let value): value
    }
  }

  /// Judges `value`, which a field holds; `sum` is over all the octets, the field included.
  init(_ value: UInt16, isWhole: Bool, sum: () -> InternetChecksum) {
    if !isWhole {
      self = .unverified(value)
    } else {
      self = sum().value == 0 ? .correct : .incorrect(value)
    }
  }
}
