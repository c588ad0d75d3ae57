import LinuxNamespaces
import Netlink
public import TraceModel

/// Asks kernels by which way they would send, once after the observation.
public enum RouteCollector {
  /// The answers, in the order of the questions; those of a namespace that cannot be entered any more are left out.
  ///
  /// - Parameter topology: where the namespaces are found.
  public static func lookups(_ questions: [RouteQuestion], in topology: Topology) -> [RouteLookup] {
    let byNamespace = Dictionary(grouping: questions, by: \.namespace)
    var answers: [RouteQuestion: RouteLookup] = [:]
    for (inode, asked) in byNamespace {
      let ask = { @Sendable () throws -> [RouteLookup] in
        let socket = try NetlinkSocket()
        return asked.map { RouteLookup($0, socket) }
      }
      guard let all = try? topology.namespace(inode)?.open()?.run(ask) else { continue }
      for (question, answer) in zip(asked, all) { answers[question] = answer }
    }
    return questions.compactMap { answers[$0] }
  }
}

extension RouteLookup {
  /// Asks the kernel of the socket's namespace.
  fileprivate init(_ question: RouteQuestion, _ socket: NetlinkSocket) {
    self.init(namespace: question.namespace, destination: question.destination, source: question.source)
    do {
      route = RouteEntry(
        try socket.route(to: destination, from: source), in: question.namespace)
    } catch {
      self.error = error.errno.symbol
    }
  }
}
