import BPF

/// A program whose price per frame is measured.
struct Subject {
  let name: String
  let program: Program
  /// Frames that it has counted so far; `nil` for one that does not count.
  var counted: () throws -> UInt64? = { nil }
}
