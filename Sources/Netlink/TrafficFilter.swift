import CLinux

/// A filter of any kind at a clsact or ingress queueing discipline (`RTM_NEWTFILTER`, tc(8)).
public struct TrafficFilter: Hashable, Sendable {
  /// "bpf", "flower", "u32" and so on: all filters of one priority are of one kind.
  public var kind: String
  /// Of several filters the lower number comes first (`pref`).
  public var priority: UInt16
  /// The EtherType that it sees (all filters of one priority see the same); 3, ETH_P_ALL, is every one.
  public var etherType: UInt16
  /// The chain that it stands in: 0 is where every frame begins, others are gone to.
  public var chain: UInt32
  /// Its number among the filters of that priority.
  public var handle: UInt32
  /// What `tc filter show` calls a BPF filter; `nil` for other kinds.
  public var name: String?
  /// A BPF filter's program; `nil` for other kinds.
  public var programID: UInt32?
  /// The program's tag, in hexadecimal; `nil` for other kinds.
  public var programTag: String?

  /// Whether it sees frames of every protocol.
  public var isForEveryProtocol: Bool { etherType == 0x0003 }
  /// Whether it only stands for its priority, or for a hash table of u32, and never decides on a frame.
  public var isContainer: Bool { handle == 0 || (kind == "u32" && handle & 0xfff == 0) }

  /// Reads `struct tcmsg` and the attributes behind it; `nil` for a message that is cut off.
  init?(_ message: Message) {
    guard let attributes = message.attributes(behind: 20), let kind = attributes[TCA_KIND]?.text,
      let handle = message.payload.integer(at: 8, as: UInt32.self),
      let information = message.payload.integer(at: 16, as: UInt32.self)
    else { return nil }
    self.kind = kind
    self.handle = handle
    priority = UInt16(information >> 16)
    etherType = UInt16(bigEndian: UInt16(truncatingIfNeeded: information))
    chain = attributes.integer(TCA_CHAIN) ?? 0
    guard kind == "bpf", let options = attributes.nested(TCA_OPTIONS) else { return }
    name = options[TCA_BPF_NAME]?.text
    programID = options.integer(TCA_BPF_ID)
    programTag = options[TCA_BPF_TAG].map { $0.slice.map(Self.hexadecimal).joined() }
  }

  private static func hexadecimal(_ octet: UInt8) -> String {
    (octet < 16 ? "0" : "") + String(octet, radix: 16)
  }
}

extension NetlinkSocket {
  /// The filters of every kind on one side of an interface, in the order in which frames meet them; none where it has no
  /// clsact, or where it is gone.
  ///
  /// An ingress queueing discipline answers with its own filters for either side: ask for egress only where there
  /// is a clsact. Filters of a block that several interfaces share are listed too.
  public func trafficFilters(ifindex: UInt32, direction: FilterDirection) throws(NetlinkError)
    -> [TrafficFilter]
  {
    let request = Self.filterRequest(RTM_GETTFILTER, ifindex, direction)
    return try dump(request, "list the tc filters of interface number \(ifindex)") {
      $0.type == RTM_NEWTFILTER ? TrafficFilter($0) : nil
    }
  }

  /// Whether anybody has a filter, or an empty chain, on one side of an interface (`RTM_GETCHAIN`, Linux 4.19).
  public func hasChains(ifindex: UInt32, direction: FilterDirection) throws(NetlinkError) -> Bool {
    let request = Self.filterRequest(RTM_GETCHAIN, ifindex, direction)
    let chains = try dump(request, "list the tc chains of interface number \(ifindex)") {
      $0.type == RTM_NEWCHAIN ? true : nil
    }
    return !chains.isEmpty
  }

  /// Asks for everything of one side of an interface.
  static func filterRequest(_ type: Int, _ ifindex: UInt32, _ direction: FilterDirection) -> MessageBuilder {
    var request = MessageBuilder(type: type, flags: NLM_F_REQUEST | NLM_F_DUMP)
    request.appendZeros(4)
    request.append(ifindex)
    request.append(UInt32(0))
    request.append(direction.parent)
    request.append(UInt32(0))
    return request
  }
}
