import NetworkAddresses
import TraceModel

/// A flow of which a packet filter freed packets.
struct FilterCase {
  /// What the packets were in the namespace of the filter.
  enum Place { case input, forward, output }

  var dropped: DroppedFlow
  var place: Place
  /// What of the filter it was; `nil` where its rules do not tell.
  var culprit: FilterCulprit?
  /// The chain that an exception belongs into, where that is not the culprit's.
  var exceptionChain: String?
  /// Whether the kernel gave the filter as its reason, not only a function as a hint.
  var isStated: Bool
  /// Whether the namespace saw the answers of a flow without its requests.
  var isHalf: Bool

  var isAnswer: Bool { dropped.isAnswer }
  var flow: Flow { dropped.flow }

  /// Whether the kernel freed the buffer because a filter said so; before Linux 5.17 the function is a hint.
  static func isFiltered(_ drop: Drop) -> Bool {
    if drop.reason == "NETFILTER_DROP" { return true }
    guard drop.reason == nil || drop.reason == "NOT_SPECIFIED" else { return false }
    return ["nf_hook_slow", "nft_do_chain", "nf_reinject", "ipt_do_table"].contains {
      drop.location?.hasPrefix($0) == true
    }
  }

  /// Every case that no rule has explained yet.
  static func all(_ context: DiagnosisContext) -> [FilterCase] {
    context.droppedFlows(where: isFiltered).map { FilterCase($0, context) }
  }

  /// Whether the namespace's filters would let the request pass if it came from another address.
  func wouldPass(from source: IPAddress, _ context: DiagnosisContext) -> Bool {
    guard var ip = dropped.frame.ip, let filters = context.state(dropped.namespace)?.filters else {
      return false
    }
    ip.source = source
    var frame = dropped.frame
    frame.network = .ip(ip)
    let packet = FilterPacket(frame, input: dropped.input.flatMap(context.interface), output: nil, state: 8)
    return FilterWalk.culprit(of: packet, at: [.ingress, .prerouting, .input], filters, before: nil) == nil
  }

  private init(_ dropped: DroppedFlow, _ context: DiagnosisContext) {
    self.dropped = dropped
    let namespace = dropped.namespace
    let isOwn = { (address: IPAddress?) in address.map { context.isLocal($0, in: namespace) } ?? false }
    if case .arp = dropped.frame.network {
      place = dropped.input == nil ? .output : .input
    } else if isOwn(dropped.frame.destinationAddress) || dropped.frame.destination.isMulticast {
      place = dropped.input == nil && isOwn(dropped.frame.sourceAddress) ? .output : .input
    } else {
      place = isOwn(dropped.frame.sourceAddress) && dropped.input == nil ? .output : .forward
    }
    isStated = dropped.drop.reason == "NETFILTER_DROP"
    let requests = context.flows.first { $0.flow == dropped.flow }?.requests ?? []
    let cameBy = requests.contains { request in
      request.sightings.contains { $0.hook.interface.namespace == namespace }
        || request.drops.contains { $0.namespace == namespace }
    }
    isHalf = dropped.isAnswer && !cameBy && [.tcp, .echo].contains(dropped.flow.kind)
    let state: UInt32? =
      dropped.flow.kind == .resolution
      ? nil : !dropped.isAnswer ? 8 : cameBy ? 2 : isHalf ? 1 : 8
    let output = place == .input ? nil : dropped.drop.interface.flatMap(context.interface)
    let packet = FilterPacket(
      dropped.frame, input: dropped.input.flatMap(context.interface),
      output: dropped.input == output?.id ? nil : output, state: state)
    let hooks: [FilterHook] =
      switch place {
      case .input: [.ingress, .prerouting, .input]
      case .forward: [.ingress, .prerouting, .forward, .postrouting, .egress]
      case .output: [.output, .postrouting, .egress]
      }
    culprit = context.state(namespace)?.filters.flatMap {
      FilterWalk.culprit(of: packet, at: hooks, $0, before: context.stateBefore(namespace)?.filters)
    }
  }
}
