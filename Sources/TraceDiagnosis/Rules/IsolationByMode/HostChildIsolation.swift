import NetworkAddresses
import TraceModel

/// Why a parent and its own child do not hear each other: one mechanism, told apart by the child's mode.
///
/// The parent's transmit path never enters the macvlan driver, and what a child sends leaves below the host's
/// stack: frames between the two go out on the wire. Only a switch port that returns them makes it work. So the
/// proof is what happened: out of the parent, and never into the other.
enum HostChildIsolation {
  /// A failed attempt between the host and a child in that mode.
  struct Case {
    var attempt: Attempt
    var child: Interface
    /// What the child sits on: the parent, or a VLAN sub-interface of it.
    var lower: Interface
    var fromHost: Bool
  }

  /// The failed attempts between the host and children of a kind.
  static func cases(_ context: DiagnosisContext, of isMeant: (Interface) -> Bool) -> [Case] {
    guard context.parentWorks else { return [] }
    return context.failures.compactMap { attempt in
      switch attempt.asker {
      case .host(let id):
        guard let child = context.child(owning: attempt.target), isMeant(child),
          let lower = context.lower(of: child), lower.id == id, lower.up, lower.carrier
        else { return nil }
        let reached = attempt.unanswered.contains { $0.passed(Hook(child.id, .ingress)) }
        let left = attempt.unanswered.allSatisfy { $0.passed(context.parentOut) }
        // What a passthru child hears through the switch, it answers; the answer comes back to the child.
        return left && (!reached || child.mode == .passthru)
          ? Case(attempt: attempt, child: child, lower: lower, fromHost: true) : nil
      case .child(let id):
        // Another VLAN's address of this host is reached through a router.
        guard let child = context.interface(id), isMeant(child), !context.isInHostNamespace(child),
          let lower = context.lower(of: child), lower.up, lower.carrier,
          lower.owns(attempt.target) || lower.id == context.parent.id && context.isHostAddress(attempt.target)
        else { return nil }
        // A copy that the switch returned is heard by the host of a child in bridge or VEPA mode: its silence then has
        // another cause. In the other modes the driver keeps the copy (macvlan_handle_frame).
        let returned = attempt.unanswered.contains { $0.passed(context.parentIn) }
        let left = attempt.unanswered.allSatisfy { $0.passed(context.parentOut) }
        return left && (!returned || [.private, .passthru, .source].contains(child.mode))
          ? Case(attempt: attempt, child: child, lower: lower, fromHost: false) : nil
      case .wire: return nil
      }
    }
  }

  /// One finding for each child, by the direction that asked first.
  static func findings<R: Rule>(
    _ rule: R.Type, _ context: DiagnosisContext, mode: ChildMode, direction: Direction?
  ) -> RuleOutcome {
    findings(rule, context, of: { $0.mode == mode }, direction: direction)
  }

  /// The same for another kind of children.
  static func findings<R: Rule>(
    _ rule: R.Type, _ context: DiagnosisContext, of isMeant: (Interface) -> Bool, direction: Direction?
  ) -> RuleOutcome {
    let all = cases(context, of: isMeant)
    var found: [Finding] = []
    for child in context.topology.children {
      let own = all.filter { $0.child.id == child.id }
      guard let first = own.first else { continue }
      if let direction, (direction == .egress) != first.fromHost { continue }
      found.append(finding(rule, context, first, own))
    }
    return .findings(found)
  }

  private static func finding<R: Rule>(
    _ rule: R.Type, _ context: DiagnosisContext, _ first: Case, _ all: [Case]
  )
    -> Finding
  {
    let child = first.child
    let parent = first.lower
    let isObserved = child.id.namespace != 0
    let isIPvlan = child.kind == .ipvlan
    // All ipvlan children have their parent's MAC address: there the single frames alone tell.
    let silent =
      isIPvlan ? true : parent.mac.map { context.received(by: child.id, from: $0) == 0 } ?? false
    let gap = context.gap(at: [context.parentIn, Hook(child.id, .ingress)], all.map(\.attempt))
    let isProven =
      gap == nil && isObserved && child.up
      && (silent || !first.fromHost || child.mode == .passthru)
    var evidence = all.flatMap { Self.evidence($0, context) }
    evidence.append(
      Evidence(
        .state,
        "\(child.label) is \(isIPvlan ? "an" : "a") \(noun(child)) child of \(parent.name) in mode \(child.mode?.rawValue ?? "?")"
      ))
    if silent, first.fromHost, !isIPvlan {
      evidence.append(
        Evidence(
          .counter, "\(child.label) received 0 frames from \(parent.name)'s MAC address \(mac(parent))"))
    }
    if !isProven { evidence.append(Evidence(.state, missing(context, child, gap))) }
    let title =
      first.fromHost
      ? "this host cannot reach its own \(noun(child)) child \(child.label)"
      : "the \(noun(child)) child \(child.label) cannot reach its own host"
    return R.finding(
      isProven ? .proven : .likely, title: title,
      subjects: [parent.id.description, child.id.description, first.attempt.target.description],
      path: path(first, context), evidence: evidence, fixes: fixes(first, context))
  }

  private static func noun(_ child: Interface) -> String { child.kind == .ipvlan ? "ipvlan" : "macvlan" }
  private static func mac(_ interface: Interface) -> String { interface.mac?.description ?? "?" }

  private static func missing(_ context: DiagnosisContext, _ child: Interface, _ gap: String?) -> String {
    if !context.isComplete {
      return
        "missing for proof: \(context.observation.loss.explainingFramesLost) frames of its kind were not recorded"
    }
    if let gap { return "missing for proof: \(gap)" }
    if !child.up { return "missing for proof: \(child.label) is down, which stops frames, too" }
    return "missing for proof: nobody looked inside \(child.label)'s namespace"
  }

  private static func evidence(_ one: Case, _ context: DiagnosisContext) -> [Evidence] {
    let attempt = one.attempt
    let below = one.lower.id == context.parent.id ? [] : [context.parent.name]
    let parent = ([one.lower.name] + below).joined(separator: " and ")
    let returned = attempt.unanswered.filter { $0.passed(context.parentIn) }.count
    let way = one.fromHost ? "left \(parent)" : "left \(one.child.label), \(parent)"
    let reached = attempt.unanswered.filter { $0.passed(Hook(one.child.id, .ingress)) }.count
    let back =
      one.fromHost && reached > 0
      ? "the switch returned \(returned), \(reached) reached \(one.child.label), and no answer reached this host"
      : returned == 0
        ? "the switch returned none, and none reached \(one.fromHost ? one.child.label : "the host's stack")"
        : "the switch returned \(returned), and still none reached \(one.fromHost ? one.child.label : "the host")"
    let namespace = one.fromHost ? one.lower.id.namespace : one.child.id.namespace
    return [Evidence(.trajectory, "\(attempt.summary) \(way); \(back)")] + context.dropEvidence(attempt)
      + context.neighborEvidence(attempt.target, in: namespace)
  }

  private static func path(_ one: Case, _ context: DiagnosisContext) -> [PathStep] {
    let returned = one.attempt.unanswered.contains { $0.passed(context.parentIn) }
    let parent = context.parent.label
    let start =
      one.fromHost
      ? [PathStep("this host's stack", nil, .passed, one.attempt.summary)]
      : [PathStep(one.child.label, .egress, .passed, one.attempt.summary)]
    let end =
      one.fromHost
      ? PathStep(one.child.label, .ingress, .missing, "never arrived")
      : PathStep("this host's stack", nil, .missing, "never arrived")
    let above =
      one.lower.id == context.parent.id
      ? [] : [PathStep(one.lower.label, .egress, .passed, "tagged with its VLAN ID")]
    return start + above + [
      PathStep(parent, .egress, .passed, "left on the wire"),
      PathStep("the switch", nil, .unobserved, "a port does not send a frame back to where it came from"),
      PathStep(parent, .ingress, returned ? .passed : .missing, returned ? "came back" : "did not come back"),
      end,
    ]
  }

  /// All ipvlan children of a parent have one mode: the host's own takes that.
  private static func ipvlanFixes(
    _ one: Case, _ addresses: [IPAddress], source: IPAddress, _ context: DiagnosisContext
  ) -> [Fix] {
    let mode = one.child.mode?.rawValue ?? "l2"
    // Answers to ARP come in at the parent, whose address they are for: the host's own interface never learns from them.
    let known =
      one.child.isRouted
      ? []
      : addresses.flatMap { address in
        one.lower.mac.map {
          ["ip neighbor replace \(address) lladdr \($0) dev \(Commands.shimName) nud permanent"]
        } ?? []
      }
    return [
      Fix(
        "Give this host an ipvlan interface of its own on \(one.lower.name), and route the containers through it.",
        commands: Commands(context: context).shim(
          to: addresses, source: source, on: one.lower, type: "ipvlan mode \(mode)") + known),
      Fix(
        "Use a bridge network for containers that the host must reach, or another VLAN through the router."),
    ]
  }

  /// The shim first: it changes nothing for anybody else.
  private static func fixes(_ one: Case, _ context: DiagnosisContext) -> [Fix] {
    let commands = Commands(context: context)
    let child = one.child
    let host = one.fromHost ? one.attempt.source : one.attempt.target
    let target = one.fromHost ? one.attempt.target : one.attempt.source
    let family = context.topology.children.filter {
      $0.mode == child.mode && $0.parent == child.parent && !context.isInHostNamespace($0)
    }
    var addresses = family.flatMap { $0.addresses.map(\.address) }.filter {
      $0.isIPv4 == target.isIPv4 && !$0.isLinkLocal
    }
    if !addresses.contains(target) { addresses.append(target) }
    if child.kind == .ipvlan { return ipvlanFixes(one, addresses, source: host, context) }
    var modeChange: [String] = []
    if child.mode != .bridge {
      modeChange = commands.setBridgeMode(child)
      addresses = [target]
    }
    let text =
      child.mode == .bridge
      ? "Give this host a macvlan interface of its own on \(one.lower.name) and route the containers through it."
      : "Put \(child.label) into bridge mode, then give this host a macvlan interface of its own on "
        + "\(one.lower.name) and route the container through it."
    var fixes = [Fix(text, commands: modeChange + commands.shim(to: addresses, source: host, on: one.lower))]
    if child.mode == .vepa || child.mode == .bridge || child.mode == .private {
      fixes.append(
        Fix("Have the switch return frames on this port (hairpin; reflective relay, IEEE 802.1Qbg)."))
    }
    fixes.append(
      Fix("Use a bridge network for containers that the host must reach, or another VLAN through the router.")
    )
    return fixes
  }
}
