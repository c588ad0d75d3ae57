/// Some of many sightings, in an order of its own. Lists of the same sightings share them: none is copied.
public struct SightingList: RandomAccessCollection, Sendable {
  private let store: SightingStore
  private let range: Range<Int32>

  /// Makes the list of these places in the store's order.
  public init(_ store: SightingStore, _ range: Range<Int>) {
    self.store = store
    self.range = Int32(range.lowerBound)..<Int32(range.upperBound)
  }

  /// Makes a list that shares with nobody.
  public init(_ sightings: [Sighting]) {
    self.init(SightingStore(sightings, order: Array(0..<Int32(sightings.count))), sightings.indices)
  }

  /// Always 0.
  public var startIndex: Int { 0 }
  /// How many there are.
  public var endIndex: Int { range.count }

  /// The sighting at that place of the list.
  public subscript(position: Int) -> Sighting {
    precondition(position >= 0 && position < range.count, "no such sighting")
    return store[Int(range.lowerBound) + position]
  }
}

extension SightingList: Hashable {
  /// Whether both hold the same sightings in the same order, wherever they are kept.
  public static func == (left: SightingList, right: SightingList) -> Bool { left.elementsEqual(right) }

  /// Hashes every sighting.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for sighting in self { hasher.combine(sighting) }
  }
}

/// Sightings that lists share, and the order in which those go through them.
public final class SightingStore: Sendable {
  private let sightings: [Sighting]
  private let order: [Int32]

  /// - Parameter order: places in `sightings`, list after list.
  public init(_ sightings: [Sighting], order: [Int32]) {
    self.sightings = sightings
    self.order = order
  }

  subscript(position: Int) -> Sighting { sightings[Int(order[position])] }
}
