/// One of several machines in a joined report.
public struct ObservedHost: Hashable, Codable, Sendable {
  /// The number that the ids of its interfaces begin with, from 1 on, in the order in which the observations were given.
  public var number: UInt16
  /// What the report calls it: its name, with the number where another has the same.
  public var label: String
  /// The machine.
  public var host: HostInformation
  /// Which macvtrace observed it.
  public var tool: ToolInformation
  /// When, by its own clocks.
  public var window: ObservationWindow
  /// The interface that was observed, as in `interfaces`.
  public var parent: InterfaceID?
  /// What could not be recorded on it.
  public var loss: Loss

  /// Names a machine by the report on it alone.
  public init(number: UInt16, label: String, of report: Report) {
    self.number = number
    self.label = label
    host = report.host
    tool = report.tool
    window = report.window
    parent = report.topology?.parent.on(host: number)
    loss = report.loss
  }

  /// What several machines are called, told apart where they have one name.
  public static func labels(_ hosts: [HostInformation]) -> [String] {
    let names = hosts.map(\.name)
    return names.enumerated().map { index, name in
      names.count { $0 == name } > 1 ? "\(name) [\(index + 1)]" : name
    }
  }
}
