import LinuxNamespaces
import Netlink
public import TraceModel

/// Asks kernels by which way they would send, once after the observation.
public enum RouteCollector {
  /// The answers, in the order of the questions; those of a namespace that cannot be entered any more are left out.
  public static func lookups(_ questions: [RouteQuestion]) -> [RouteLookup] {
    guard !questions.isEmpty else { return [] }
    let byNamespace = Dictionary(grouping: questions, by: \.namespace)
    var answers: [RouteQuestion: RouteLookup] = [:]
    for found in NamespaceScan().namespaces {
      guard let asked = byNamespace[found.identity.inode] else { continue }
      let ask = { @Sendable () throws -> [RouteLookup] in
        let socket = try NetlinkSocket()
        return asked.map { RouteLookup($0, socket) }
      }
      guard let all = found.isCurrent ? try? ask() : try? found.visit(ask) else { continue }
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
