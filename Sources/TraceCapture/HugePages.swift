import Glibc

/// Memory that is written all at once.
enum HugePages {
  /// Has the kernel back the whole pages of a fresh buffer by huge ones, where it can: one fault in place of 512
  /// (madvise(2)).
  static func advise(_ buffer: UnsafeMutableRawBufferPointer) {
    guard let base = buffer.baseAddress else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = base.alignedUp(toMultipleOf: page)
    let size = buffer.count - (start - base)
    // Advice, which may be refused: a buffer on small pages is as good, but later ready.
    if size >= 2 * huge { _ = madvise(start, size / page * page, MADV_HUGEPAGE) }
  }

  private static let huge = 2 << 20
}
