/// The stations whose MACs are in the frames of a bench, one after the other.
struct Stations: Encodable {
  let count: UInt32
  /// Whether their MACs lie anywhere, and not side by side as they are given out.
  var scattered = false
  /// Whether frames go to them, at egress, and do not come from them, at ingress.
  var receive = false

  /// How many, and which.
  var label: String { "\(count)\(scattered ? " scattered" : "")\(receive ? " at egress" : "")" }
}
