import TraceModel

/// What could not be observed, each said once. Bounded: among containers that come and go, something is always too late.
struct Notices {
  private var list: [Degradation] = []
  private var known: Set<Degradation> = []
  private var unsaid = 0

  private static let limit = 256

  mutating func add(_ notice: Degradation) {
    guard !known.contains(notice) else { return }
    guard list.count < Self.limit else {
      unsaid += 1
      return
    }
    known.insert(notice)
    list.append(notice)
  }

  /// All of them, and how many times there was more to say.
  var all: [Degradation] {
    guard unsaid > 0 else { return list }
    return list + [
      Degradation(feature: "notices", consequence: "\(unsaid) more times something could not be observed")
    ]
  }
}
