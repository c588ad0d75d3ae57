public import NetworkAddresses

/// A rule of the routing policy database (`RTM_NEWRULE`, ip-rule(8)).
public struct RoutingRule: Hashable, Codable, Sendable {
  /// The lower is asked first.
  public var priority: UInt32
  /// Whether it is one for IPv4; else for IPv6.
  public var isIPv4: Bool
  /// The sources that it is for; `nil`: all.
  public var source: IPPrefix?
  /// The destinations that it is for; `nil`: all.
  public var destination: IPPrefix?
  /// What becomes of a packet: `lookup`, `goto`, `nop`, `blackhole`, `unreachable`, `prohibit`.
  public var action: String
  /// The table that is looked up; 0 for other actions.
  public var table: UInt32
  /// The mark that a packet must have; `nil`: any.
  public var mark: UInt32?
  /// The interface where a packet must have come in; `nil`: any.
  public var inputInterface: String?
  /// The interface by which a packet must be about to leave; `nil`: any.
  public var outputInterface: String?
  /// Whether it is for packets that do not match.
  public var isInverted: Bool

  /// Describes a rule.
  public init(
    priority: UInt32, isIPv4: Bool = true, source: IPPrefix? = nil, destination: IPPrefix? = nil,
    action: String = "lookup", table: UInt32 = 0, mark: UInt32? = nil, inputInterface: String? = nil,
    outputInterface: String? = nil, isInverted: Bool = false
  ) {
    self.priority = priority
    self.isIPv4 = isIPv4
    self.source = source
    self.destination = destination
    self.action = action
    self.table = table
    self.mark = mark
    self.inputInterface = inputInterface
    self.outputInterface = outputInterface
    self.isInverted = isInverted
  }

  /// Whether every namespace has it: the tables local, main and default for all packets.
  public var isOrdinary: Bool {
    source == nil && destination == nil && action == "lookup" && (253...255).contains(table) && mark == nil
      && inputInterface == nil && outputInterface == nil && !isInverted
  }
}
