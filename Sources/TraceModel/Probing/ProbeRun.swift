import NetworkAddresses

/// How a probe asks.
public enum ProbeProtocol: String, Codable, Sendable, CaseIterable {
  /// Echo requests (RFC 792, RFC 4443).
  case icmp
  /// A connection that is closed as soon as it stands.
  case tcp
  /// Datagrams.
  case udp
}

/// What became of one probe.
public enum ProbeOutcome: Hashable, Codable, Sendable {
  /// It was answered by whom it was for.
  case answered
  /// The target said no, or a packet filter in its name: a TCP RST or ICMP port unreachable.
  case refused
  /// Somebody said that it cannot be delivered: type and code of the ICMP error.
  case undeliverable(type: UInt8, code: UInt8)
  /// Somebody on the way said that it takes no packets of that size, or the sender's own kernel knows that: the largest
  /// that get through, in octets with the IP header; 0 where that was not said.
  case tooBig(mtu: UInt32)
  /// The sender's own kernel gave up, with this error: `EHOSTUNREACH`.
  case failed(String)
  /// Nothing came back.
  case silence
}

/// One probe.
public struct Probe: Hashable, Codable, Sendable {
  /// When it was sent, in nanoseconds of CLOCK_MONOTONIC.
  public var sent: UInt64
  /// When its outcome was known, in nanoseconds of CLOCK_MONOTONIC; `nil` for silence.
  public var ended: UInt64?
  /// What became of it.
  public var outcome: ProbeOutcome
  /// Its length in octets with the IP header, where that was what was tried; `nil` for a small one.
  public var size: Int?

  /// Describes a probe that has not been answered yet.
  public init(sent: UInt64, size: Int? = nil, ended: UInt64? = nil, outcome: ProbeOutcome = .silence) {
    self.size = size
    self.sent = sent
    self.ended = ended
    self.outcome = outcome
  }
}

/// What was tried from one station to another.
public struct ProbeRun: Hashable, Codable, Sendable {
  /// Who asked.
  public var from: Station
  /// Who was asked.
  public var to: Station
  /// How.
  public var `protocol`: ProbeProtocol
  /// The port; `nil` for ICMP.
  public var port: UInt16?
  /// In the order in which they were sent.
  public var probes: [Probe]

  /// Describes a run.
  public init(
    from: Station, to: Station, protocol: ProbeProtocol, port: UInt16? = nil, probes: [Probe] = []
  ) {
    self.from = from
    self.to = to
    self.protocol = `protocol`
    self.port = port
    self.probes = probes
  }

  /// Those that were sent to be answered, whatever their size.
  public var smallProbes: [Probe] { probes.filter { $0.size == nil } }
  /// How many of those were answered.
  public var answered: Int { smallProbes.count { $0.outcome == .answered } }
  /// Whether small packets get through: what failed before the last one may have been the first frame of a conversation.
  public var reaches: Bool { smallProbes.last?.outcome == .answered }
  /// The largest size that was tried, where packets of it vanish again and again: nobody said that they are too big.
  public var vanishingSize: Int? {
    guard reaches, let largest = probes.compactMap(\.size).max() else { return nil }
    let tries = probes.filter { $0.size == largest }
    return tries.count >= 2 && tries.allSatisfy { $0.outcome == .silence } ? largest : nil
  }
  /// Whether packets get through, whatever their size.
  public var works: Bool { reaches && vanishingSize == nil }

  /// Whether findings prove that nobody listens where it asked: a refusal alone may be a packet filter's.
  public func hasNoListener(in findings: [Finding]) -> Bool {
    guard let address = to.address, let port else { return false }
    let asked = [address.description, "\(port)", self.protocol.rawValue]
    return findings.contains {
      $0.id == "no-listener" && $0.confidence == .proven && $0.subjects.suffix(asked.count) == asked[...]
    }
  }
}
