import Testing
import TraceFile
import TraceModel

/// What is saved is read back as it was.
@Suite struct RoundTripTests {
  /// Walks through a value and notes, by type and property, what has been seen to hold something.
  private struct Properties {
    var empty: Set<String> = []
    var filled: Set<String> = []

    mutating func visit(_ value: Any, _ path: String = "") {
      let mirror = Mirror(reflecting: value)
      switch mirror.displayStyle {
      case .optional:
        guard let some = mirror.children.first else {
          empty.insert(path)
          return
        }
        visit(some.value, path)
      case .collection, .set, .dictionary:
        if mirror.children.isEmpty { empty.insert(path) } else { filled.insert(path) }
        for child in mirror.children { visit(child.value, path + "[]") }
      case .struct where !mirror.children.isEmpty:
        filled.insert(path)
        for child in mirror.children { visit(child.value, "\(mirror.subjectType).\(child.label ?? "")") }
      default:
        let isNothing = ["0", "", "false", "0.0"].contains("\(value)")
        if isNothing { empty.insert(path) } else { filled.insert(path) }
        for child in mirror.children { visit(child.value, path) }
      }
    }
  }

  /// A property that is added to the model and not to `Full` makes this fail; one that is not saved, the next.
  @Test func theSampleHasEveryPropertySet() {
    var properties = Properties()
    properties.visit(Full.observation)
    #expect(properties.empty.subtracting(properties.filled).sorted() == [])
    #expect(
      properties.filled.contains("Observation.blindHooks")
        && properties.filled.contains("ARPFields.senderMAC"))
  }

  @Test func everyPropertyIsReadBackAsItWas() throws {
    let octets = try Full.written(Full.observation)
    let read = try ObservationReader.read(octets, named: "file")
    #expect(read == Full.observation)
    #expect(Array(octets.prefix(24)) == Array("macvtrace.observation/2\n".utf8))
  }

  @Test func anObservationOfNothingIsReadBackAsItWas() throws {
    let nothing = Observation(
      tool: Full.observation.tool, host: Full.observation.host, window: Full.observation.window,
      before: Topology(parent: Full.parent, interfaces: [], namespaces: []),
      after: Topology(parent: Full.parent, interfaces: [], namespaces: []))
    #expect(try ObservationReader.read(Full.written(nothing), named: "file") == nothing)
  }

  @Test func aLongListIsSavedInSeveralBlocksAndKeepsItsOrder() throws {
    var long = Full.observation
    long.sightings = (0..<10_000).map { number in
      var sighting = Full.observation.sightings[number % Full.observation.sightings.count]
      sighting.time = 2_000_000 + UInt64(number)
      sighting.packetID = .max - UInt64(number)
      return sighting
    }
    let octets = try Full.written(long)
    #expect(try ObservationReader.read(octets, named: "file") == long)
    #expect(octets.count < 10_000 * 40, "compressed")
  }
}
