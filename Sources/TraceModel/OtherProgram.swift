/// Somebody else's program or filter on an observed interface: macvtrace lets it stand, and says what it may take from
/// its sight.
public struct OtherProgram: Hashable, Codable, Sendable {
  /// Where a program can stand.
  public enum Place: String, Codable, Sendable {
    /// Before everything else that comes in.
    case xdp
    /// Linux 6.6; before the filters of the same side.
    case tcxIngress = "tcx_ingress"
    case tcxEgress = "tcx_egress"
    /// A filter of a clsact or ingress queueing discipline.
    case tcIngress = "tc_ingress"
    /// A filter of a clsact queueing discipline.
    case tcEgress = "tc_egress"

    /// The way of the frames that pass there.
    public var direction: Direction { self == .tcxEgress || self == .tcEgress ? .egress : .ingress }
    /// Whether filters of a queueing discipline stand there.
    public var isFilter: Bool { self == .tcIngress || self == .tcEgress }
  }

  /// Who of two that stand on one side of an interface gets a frame first.
  public enum Position: String, Codable, Sendable {
    /// Before macvtrace's program: what it keeps, macvtrace does not see.
    case before
    /// Behind macvtrace's program, which has seen the frame by then.
    case after
  }

  /// The interface.
  public var interface: InterfaceID
  /// Where it stands there.
  public var place: Place
  /// Which of the two gets a frame first, it or macvtrace's program.
  public var position: Position
  /// The program's id, as `bpftool prog` shows it; `nil` for a filter of another kind than `bpf`.
  public var programID: UInt32?
  /// What its owner calls it; `nil` for a filter of another kind than `bpf`, or when the kernel does not tell.
  public var name: String?
  /// A hash of the program's instructions, in hexadecimal.
  public var tag: String?
  /// How an XDP program is attached: `driver`, `generic` or `offload`.
  public var mode: String?
  /// A filter's kind: `bpf`, `flower`, `u32`, `matchall`.
  public var kind: String?
  /// A filter's priority (`pref`): the lower comes first.
  public var priority: UInt16?
  /// A filter's number among those of its priority.
  public var handle: UInt32?
  /// A filter's chain: 0 is where every frame begins.
  public var chain: UInt32?

  /// Describes a program that stands behind macvtrace's.
  public init(interface: InterfaceID, place: Place, position: Position = .after) {
    self.interface = interface
    self.place = place
    self.position = position
  }

  private enum CodingKeys: String, CodingKey {
    case interface
    case place = "hook"
    case position
    case programID = "program_id"
    case name, tag, mode, kind, priority, handle, chain
  }

  /// Writes the JSON form, in which what a program does not have is an explicit `null`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(interface, forKey: .interface)
    try values.encode(place, forKey: .place)
    try values.encode(position, forKey: .position)
    try values.encode(programID, forKey: .programID)
    try values.encode(name, forKey: .name)
    try values.encode(tag, forKey: .tag)
    try values.encode(mode, forKey: .mode)
    try values.encode(kind, forKey: .kind)
    try values.encode(priority, forKey: .priority)
    try values.encode(handle, forKey: .handle)
    try values.encode(chain, forKey: .chain)
  }

  /// `XDP program xdp_drop (id 12, generic)`, `u32 filter (priority 1, handle 0x80000800)`.
  public var label: String {
    var details: [String] = []
    if let programID { details.append("id \(programID)") }
    if let mode { details.append(mode) }
    if let priority { details.append("priority \(priority)") }
    if let handle { details.append("handle 0x\(String(handle, radix: 16))") }
    if let chain, chain != 0 { details.append("chain \(chain)") }
    let what =
      switch place {
      case .xdp: "XDP program"
      case .tcxIngress, .tcxEgress: "TCX program"
      case .tcIngress, .tcEgress: "\(kind ?? "tc") filter"
      }
    let named = name.map { $0.isEmpty ? what : "\(what) \($0)" } ?? what
    return details.isEmpty ? named : "\(named) (\(details.joined(separator: ", ")))"
  }
}
