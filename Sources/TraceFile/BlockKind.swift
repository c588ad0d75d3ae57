/// What a block holds.
///
/// Blocks of a kind that is not listed are skipped: what a later macvtrace adds does not make a file unreadable.
enum BlockKind: String, CaseIterable {
  /// Who observed what and when, and the topology before: always the first.
  case head = "HEAD"
  case counters = "CNTR"
  case sightings = "SGHT"
  case drops = "DROP"
  case neighborEvents = "NEIG"
  case changes = "CHNG"
  /// The topology after.
  case after = "AFTR"
  /// What limits what can be concluded, and the rest.
  case rest = "REST"
  /// Nothing was cut off.
  case end = "END."

  /// The four octets in the file.
  var octets: [UInt8] { Array(rawValue.utf8) }

  init?(octets: some Sequence<UInt8>) { self.init(rawValue: String(decoding: Array(octets), as: UTF8.self)) }
}
