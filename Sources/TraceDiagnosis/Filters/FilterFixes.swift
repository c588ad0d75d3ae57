import NetworkAddresses
import TraceModel

/// How a filter is made to let flows pass: an exception before everything else, in the chain that dropped them.
struct FilterFixes {
  let context: DiagnosisContext
  /// Of one namespace and one culprit.
  let cases: [FilterCase]

  var fixes: [Fix] {
    guard let first = cases.first else { return [] }
    let namespace = first.dropped.namespace
    let commands = Commands(context: context)
    let who = FilterFindings.name(namespace, context)
    guard let culprit = first.culprit else {
      let legacy = context.state(namespace)?.filters?.legacyTables ?? []
      let tool = first.flow.target.isIPv4 ? "iptables-legacy" : "ip6tables-legacy"
      guard !legacy.isEmpty else {
        return [Fix("Look for the rule in \(who): `\(commands.inside(namespace, "nft list ruleset"))`.")]
      }
      let chain = first.place == .input ? "INPUT" : first.place == .output ? "OUTPUT" : "FORWARD"
      return [
        Fix(
          "Let this traffic pass in \(who).",
          commands: unique { iptables($0, tool, chain) }.map { commands.inside(namespace, $0) })
      ]
    }
    let chain = culprit.chain
    let place = "\(chain.family.rawValue) \(Commands.quoted(chain.table)) \(Commands.quoted(chain.name))"
    let name = Commands.quoted(first.exceptionChain ?? chain.name)
    var fixes: [Fix] = []
    let exceptions: [String]
    if isIPTables(chain) {
      let tool =
        (chain.family == .ip6 ? "ip6tables" : "iptables")
        + (chain.table == "filter" ? "" : " -t \(chain.table)")
      exceptions = unique { iptables($0, tool, name) }
    } else {
      exceptions = unique { one in expressions(one).map { "nft insert rule \(place) \($0) accept" } }
    }
    if !exceptions.isEmpty {
      fixes.append(
        Fix(
          "Let this traffic pass in \(who), and put the exception where its rules are kept, or it is gone "
            + "after a restart.",
          commands: exceptions.map { commands.inside(namespace, $0) }))
    }
    if let rule = culprit.rule, culprit.certainty != .possible {
      fixes.append(
        Fix(
          "Or take the rule out, if nothing else needs it.",
          commands: [commands.inside(namespace, "nft delete rule \(place) handle \(rule.handle)")]))
    }
    return fixes
  }

  /// Whether the chain is called where connection tracking has looked at the packet (NF_IP_PRI_CONNTRACK is -200); a chain of
  /// iptables' table raw and one of a device are called before.
  private var knowsConnections: Bool {
    guard let base = cases.first?.culprit?.base else { return true }
    switch base.hook {
    case .ingress, .egress: return false
    case .prerouting, .output: return base.priority > -200
    case .input, .forward, .postrouting, nil: return true
    }
  }

  private func unique(_ make: (FilterCase) -> [String]) -> [String] {
    var told: Set<String> = []
    return cases.flatMap(make).filter { told.insert($0).inserted }
  }

  /// Whether iptables wrote the chain: then an exception in nft's own words would confuse it.
  private func isIPTables(_ chain: FilterChain) -> Bool {
    guard chain.family == .ip || chain.family == .ip6,
      ["filter", "mangle", "raw", "nat"].contains(chain.table)
    else { return false }
    let chains = context.state(cases[0].dropped.namespace)?.filters?.chains ?? []
    return chains.contains {
      $0.family == chain.family && $0.table == chain.table
        && ["INPUT", "FORWARD", "OUTPUT", "PREROUTING", "POSTROUTING"].contains($0.name) && $0.hook != nil
    }
  }

  /// The conditions of exceptions in nft's words.
  private func expressions(_ one: FilterCase) -> [String] {
    let flow = one.flow
    let ip = flow.target.isIPv4 ? "ip" : "ip6"
    let pair = "\(ip) saddr \(flow.asker) \(ip) daddr \(flow.target)"
    let protocolName = flow.target.isIPv4 ? "icmp" : "icmpv6"
    if flow.kind == .resolution {
      guard !flow.target.isIPv4 else { return [] }
      return ["icmpv6 type '{ nd-neighbor-solicit, nd-neighbor-advert }'"]
        + (probe(flow).map { ["\(pair) \($0)"] } ?? [])
    }
    let request =
      switch flow.kind {
      case .echo: "\(protocolName) type echo-request"
      case .tcp: "tcp dport \(flow.port)"
      default: "udp dport \(flow.port)"
      }
    let back = "\(ip) saddr \(flow.target) \(ip) daddr \(flow.asker)"
    if one.isHalf { return [back] }
    let answer =
      switch flow.kind {
      case .echo: "\(protocolName) type echo-reply"
      case .tcp: "tcp sport \(flow.port)"
      default: "udp sport \(flow.port)"
      }
    let answers = "\(back) \(knowsConnections ? "ct state established,related" : answer)"
    if one.isAnswer { return [answers] }
    return ["\(pair) \(request)"] + (one.place == .forward ? [answers] : [])
  }

  /// What a probe would send once the neighbor is found.
  private func probe(_ flow: Flow) -> String? {
    guard let run = context.observation.probeRun, run.to.address == flow.target else { return nil }
    switch run.protocol {
    case .icmp: return "icmpv6 type echo-request"
    case .tcp, .udp: return run.port.map { "\(run.protocol.rawValue) dport \($0)" }
    }
  }

  /// The same as commands of iptables.
  private func iptables(_ one: FilterCase, _ tool: String, _ chain: String) -> [String] {
    let flow = one.flow
    let pair = "-s \(flow.asker) -d \(flow.target)"
    let back = "\(tool) -I \(chain) -s \(flow.target) -d \(flow.asker)"
    if one.isHalf { return ["\(back) -j ACCEPT"] }
    let isIPv4 = flow.target.isIPv4
    let answer =
      switch flow.kind {
      case .echo, .resolution:
        isIPv4 ? "-p icmp --icmp-type echo-reply" : "-p icmpv6 --icmpv6-type echo-reply"
      case .tcp: "-p tcp --sport \(flow.port)"
      case .udp: "-p udp --sport \(flow.port)"
      }
    let answers =
      "\(back) \(knowsConnections ? "-m conntrack --ctstate ESTABLISHED,RELATED" : answer) -j ACCEPT"
    if one.isAnswer { return [answers] }
    let request: String
    switch flow.kind {
    case .resolution:
      guard !isIPv4 else { return [] }
      return ["neighbor-solicitation", "neighbor-advertisement", "echo-request"].map {
        "\(tool) -I \(chain) -p icmpv6 --icmpv6-type \($0) -j ACCEPT"
      }
    case .echo: request = isIPv4 ? "-p icmp --icmp-type echo-request" : "-p icmpv6 --icmpv6-type echo-request"
    case .tcp: request = "-p tcp --dport \(flow.port)"
    case .udp: request = "-p udp --dport \(flow.port)"
    }
    return ["\(tool) -I \(chain) \(pair) \(request) -j ACCEPT"] + (one.place == .forward ? [answers] : [])
  }
}
