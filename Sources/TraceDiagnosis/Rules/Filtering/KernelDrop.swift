import NetworkAddresses
import TraceModel

/// `kernel-drop`: a kernel on the way frees the packets, for a reason that is no other rule's.
enum KernelDrop: Rule {
  static let card = RuleCard(
    id: "kernel-drop", title: "a kernel on the way frees the packets, and says why", severity: .error,
    explanation: """
      The packets came as far as a namespace of this machine, and its kernel freed them: an IPsec policy or a security \
      module forbids them, a header is invalid, a signature is missing. The reason is the kernel's own word for it.
      """,
    proof: """
      The kernel freed requests, or the answers to them, with a reason that healthy traffic never meets, none of the \
      others got through after that, and no other cause fits.
      """,
    fix: """
      What the reason means stands in the kernel's include/net/dropreason-core.h; the function beside it is where it was \
      found. An IPsec policy is shown by `ip xfrm policy`, and counted in /proc/net/xfrm_stat.
      """)

  /// What to do, by the kernel's words (Linux's include/net/dropreason-core.h) or how they begin. Words that healthy traffic
  /// meets as well are not here: the kernel frees copies that nobody wants with OTHERHOST, NO_SOCKET or SOCKET_FILTER, and what
  /// a busy program does not read in time with SOCKET_RCVBUFF.
  private static let advice: [(words: [String], text: String)] = [
    (
      ["XFRM_"],
      "An IPsec policy or state is in the way: `ip xfrm policy` and `ip xfrm state` list them there; delete the policy "
        + "whose action is block and whose addresses are these, or complete the IPsec connection."
    ),
    (
      ["SECURITY_HOOK"],
      "A security module (SELinux, Smack) refuses it: its audit log (`ausearch -m avc`) names the rule."
    ),
    (
      ["BPF_CGROUP_EGRESS"],
      "A BPF program of a control group refuses it: `bpftool cgroup tree` shows whose; have its owner let this pass."
    ),
    (
      ["TCP_MD5", "TCP_AO", "TCP_AUTH"],
      "The two sides do not agree on TCP's signatures (RFC 2385, RFC 5925): give both the same key, or none."
    ),
    (
      ["IP_NOPROTO"],
      "Nothing there speaks that protocol: load its module or start its program, or send something else."
    ),
    (
      ["IPV6DISABLED"],
      "IPv6 is switched off there: `sysctl -w net.ipv6.conf.IFACE.disable_ipv6=0`."
    ),
    (
      ["IP_INHDR", "IPV6_BAD_EXTHDR", "PKT_TOO_SMALL", "INVALID_PROTO", "MAC_INVALID_SOURCE"],
      "The packets are damaged or made wrongly: look at the sender, and at what changes them on the way."
    ),
    (
      ["TAP_"],
      "The program behind the tap device refuses it: look at its filter of MAC addresses."
    ),
  ]

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    let flows = context.droppedFlows { $0.reason.flatMap(text) != nil }
      .filter { $0.flow.kind != .resolution && !$0.frame.destination.isMulticast }
    let findings = flows.map { one in
      let place = FilterFindings.name(one.namespace, context)
      let reason = one.drop.reason ?? ""
      let at = one.drop.location.map { " at \($0)" } ?? ""
      return finding(
        .proven, title: "the kernel of \(place) frees \(one.summary): \(reason)",
        subjects: [
          one.drop.interface?.description ?? place, one.flow.asker.description, one.flow.target.description,
        ],
        evidence: [
          Evidence(.drop, "the kernel freed \(one.summary) in \(place): \(reason)\(at)"),
          Evidence(.trajectory, "none was answered after that"),
        ], fixes: [Fix("In \(place): \(text(reason) ?? "")")])
    }
    return .findings(findings, flows: Set(flows.map(\.flow)))
  }

  /// `nil` for a word that is not known to stop healthy traffic.
  private static func text(_ reason: String) -> String? {
    advice.first { $0.words.contains(where: reason.hasPrefix) }?.text
  }
}
