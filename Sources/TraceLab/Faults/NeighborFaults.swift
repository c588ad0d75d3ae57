extension Fault {
  /// Faults of finding a neighbor's MAC address.
  static let neighbors: [Fault] = [
    Fault(
      id: "neighbor-unanswered", title: "bbox1 pings an address that nobody has", from: "bbox1",
      to: "172.22.16.99", passes: false, specification: LabSpecification())
  ]
}
