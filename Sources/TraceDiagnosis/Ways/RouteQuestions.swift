public import TraceModel

/// What kernels are to be asked about those who failed to reach each other: both ends, and who should have passed the
/// packets on.
public enum RouteQuestions {
  /// The most questions that are put, so that a network in which nothing works does not delay the report.
  public static let limit = 64

  /// The questions that an observation leaves, each once.
  public static func about(_ observation: Observation) -> [RouteQuestion] {
    guard let context = DiagnosisContext(observation) else { return [] }
    var questions: [RouteQuestion] = []
    var put: Set<RouteQuestion> = []
    let ask = { (question: RouteQuestion) in
      guard questions.count < limit, put.insert(question).inserted else { return }
      questions.append(question)
    }
    for attempt in context.failures {
      if let namespace = context.namespace(of: attempt.asker) {
        ask(RouteQuestion(namespace: namespace, destination: attempt.target, source: attempt.source))
      }
      for namespace in context.topology.namespaces where namespace.localAddresses.contains(attempt.target) {
        ask(RouteQuestion(namespace: namespace.id, destination: attempt.source, source: attempt.target))
      }
      for transit in Transit.all(of: attempt, context) {
        ask(RouteQuestion(namespace: transit.router.id.namespace, destination: attempt.target))
      }
    }
    return questions
  }
}
