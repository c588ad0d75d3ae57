import FoundationEssentials
public import TraceModel

/// Writes an observation in the form that `ObservationReader` reads.
public struct ObservationWriter {
  private let sink: ([UInt8]) throws -> Void
  private let encoder = JSONEncoder()

  /// Writes through a function that takes the file's octets piece by piece.
  public init(to sink: @escaping ([UInt8]) throws -> Void) {
    self.sink = sink
    encoder.outputFormatting = [.withoutEscapingSlashes]
  }

  /// Writes a whole file.
  ///
  /// - Throws: what the sink throws, and `TraceFileError` for an observation that is beyond the form's bounds.
  public func write(_ observation: Observation) throws {
    let lists = [
      observation.counters.count, observation.sightings.count, observation.drops.count,
      observation.neighborEvents.count, observation.changes.count,
    ]
    guard lists.allSatisfy({ $0 <= FileForm.mostElements }) else {
      throw TraceFileError(
        .outOfBounds, "the observation has more records than a file can hold; observe less long")
    }
    // The head, the topology after, the rest and the end.
    let blocks = 4 + lists.reduce(0) { $0 + ($1 + FileForm.elementsPerBlock - 1) / FileForm.elementsPerBlock }
    try sink(FileForm.firstLine)
    try write(
      .head,
      HeadPart(
        tool: observation.tool, host: observation.host, window: observation.window,
        before: observation.before,
        totals: HeadPart.Totals(
          blocks: blocks, counters: lists[0], sightings: lists[1],
          explaining: observation.sightings.count { $0.reason == .explains }, drops: lists[2],
          neighborEvents: lists[3], changes: lists[4])))
    try write(.counters, listOf: observation.counters)
    try write(.sightings, listOf: observation.sightings)
    try write(.drops, listOf: observation.drops)
    try write(.neighborEvents, listOf: observation.neighborEvents)
    try write(.changes, listOf: observation.changes)
    try write(.after, observation.after)
    try write(
      .rest,
      RestPart(
        foldedCounters: observation.foldedCounters, departed: observation.departed,
        otherPrograms: observation.otherPrograms, blindHooks: observation.blindHooks,
        probeRun: observation.probeRun, verification: observation.verification,
        routeLookups: observation.routeLookups, far: observation.far,
        statesBefore: observation.statesBefore, statesAfter: observation.statesAfter,
        hardware: observation.hardware,
        observerNamespace: observation.observerNamespace, departedParent: observation.departedParent,
        containerNetworks: observation.containerNetworks, loss: observation.loss,
        degradations: observation.degradations))
    try write(.end, payload: [])
  }

  private func write(_ kind: BlockKind, listOf elements: [some Encodable]) throws {
    for start in stride(from: 0, to: elements.count, by: FileForm.elementsPerBlock) {
      try write(kind, Array(elements[start..<min(start + FileForm.elementsPerBlock, elements.count)]))
    }
  }

  private func write(_ kind: BlockKind, _ part: some Encodable) throws {
    let json = Array(try encoder.encode(part))
    guard json.count <= FileForm.largestPayload, let payload = Zlib.compress(json) else {
      throw TraceFileError(
        .outOfBounds, "a part of the observation is larger than a file can hold: \(json.count) octets")
    }
    try write(kind, payload: payload)
  }

  private func write(_ kind: BlockKind, payload: [UInt8]) throws {
    let start = kind.octets + BigEndian.octets(UInt32(payload.count))
    try sink(start + BigEndian.octets(Zlib.checksum(start, payload)) + payload)
  }
}
