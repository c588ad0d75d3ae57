import NetworkAddresses
import TraceModel

/// `foreign-bpf-drop`: somebody else's program at an interface drops it.
enum ForeignBPFDrop: Rule {
  static let card = RuleCard(
    id: "foreign-bpf-drop", title: "another program at an interface drops it", severity: .error,
    explanation: """
      A filter of traffic control or a BPF program that somebody else attached to an interface drops the packet, \
      below every firewall rule and out of sight of nft and iptables. Network plugins, load balancers and security \
      agents bring such programs.
      """,
    proof: """
      The kernel freed the packet with TC_INGRESS, TC_EGRESS or XDP as its reason, and another program than \
      macvtrace's stands at that place.
      """,
    fix: "Ask the program's owner to let the traffic pass, or detach the program.")

  private static let reasons: Set<String> = ["TC_INGRESS", "TC_EGRESS", "XDP"]

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let flows = context.droppedFlows { $0.reason.map(reasons.contains) == true && $0.interface != nil }
    struct Key: Hashable {
      var interface: InterfaceID
      var reason: String
    }
    var order: [Key] = []
    var byPlace: [Key: [DroppedFlow]] = [:]
    for flow in flows {
      guard let id = flow.drop.interface, let reason = flow.drop.reason else { continue }
      let key = Key(interface: id, reason: reason)
      if byPlace[key] == nil { order.append(key) }
      byPlace[key, default: []].append(flow)
    }
    let findings = order.compactMap { key -> Finding? in
      guard let same = byPlace[key], let first = same.first else { return nil }
      let programs = context.observation.otherPrograms.filter {
        $0.interface == key.interface && isAt($0, key.reason)
      }
      let label = context.interface(key.interface)?.label ?? "\(key.interface)"
      let side = key.reason == "TC_EGRESS" ? "leave" : "enter"
      var evidence = same.map {
        Evidence(.drop, "the kernel freed \($0.summary) at \(label): \(key.reason)")
      }
      evidence += programs.map { Evidence(.state, "there stands the \($0.label)") }
      if programs.isEmpty {
        evidence.append(Evidence(.state, "missing for proof: no other program was found there"))
      } else if programs.count > 1 {
        evidence.append(Evidence(.state, "which of the \(programs.count) it was is not recorded"))
      }
      return finding(
        programs.isEmpty ? .likely : .proven,
        title: "another program drops what should \(side) \(label)",
        subjects: [key.interface.description, first.flow.asker.description, first.flow.target.description],
        evidence: evidence, fixes: fixes(programs, key.interface, label, context))
    }
    return .findings(findings, flows: Set(flows.map(\.flow)))
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    let count = context.observation.otherPrograms.count
    guard count > 0 else { return nil }
    return "of the \(count) other programs at the observed interfaces none was seen to drop the probe"
  }

  private static func isAt(_ program: OtherProgram, _ reason: String) -> Bool {
    switch reason {
    case "XDP": program.place == .xdp
    case "TC_INGRESS": program.place == .tcIngress || program.place == .tcxIngress
    default: program.place == .tcEgress || program.place == .tcxEgress
    }
  }

  private static func fixes(
    _ programs: [OtherProgram], _ id: InterfaceID, _ label: String, _ context: DiagnosisContext
  ) -> [Fix] {
    let ask = Fix("Find out whose program it is, and have its owner let this traffic pass.")
    guard programs.count == 1, let program = programs.first, let interface = context.interface(id) else {
      return [ask]
    }
    let name = Commands.quoted(interface.name)
    let command: String
    switch program.place {
    case .xdp:
      let mode =
        ["driver": "xdpdrv", "generic": "xdpgeneric", "offload": "xdpoffload"][program.mode ?? ""] ?? "xdp"
      command = "ip link set dev \(name) \(mode) off"
    case .tcIngress, .tcEgress:
      guard let priority = program.priority else { return [ask] }
      let side = program.place == .tcIngress ? "ingress" : "egress"
      let handle =
        program.kind == "bpf" ? program.handle.map { " handle 0x\(String($0, radix: 16)) bpf" } ?? "" : ""
      command = "tc filter del dev \(name) \(side) pref \(priority)\(handle)"
    case .tcxIngress, .tcxEgress:
      return [
        ask,
        Fix(
          "Or detach it: `bpftool net show dev \(name)` gives the id of its link, `bpftool link detach id ID` takes it "
            + "off."),
      ]
    }
    return [
      ask,
      Fix(
        "Or detach it from \(label), if nothing else needs it.",
        commands: [Commands(context: context).inside(interface, command)]),
    ]
  }
}
