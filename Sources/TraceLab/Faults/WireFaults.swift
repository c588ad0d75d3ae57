extension Fault {
  /// Faults behind the parent: the switch, the cable, the peer.
  static let wire: [Fault] = [
    Fault(
      id: "no-reply-from-wire", title: "bbox2 does not answer pings", from: "bbox1", to: "172.22.16.20",
      passes: false, specification: network { $0.containers[1].isSilent = true })
  ]
}
