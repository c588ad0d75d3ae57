import CYAML

/// A text that is not one YAML document; says where.
struct YAMLError: Error, CustomStringConvertible {
  let description: String
}

/// One YAML document, as libyaml reads it.
///
/// An alias stands for the node that it names, so that a document may hold itself: nodes are read one by one, where they
/// are asked for.
@safe final class YAMLDocument {
  private let document: UnsafeMutablePointer<yaml_document_t>

  /// The deepest that nodes may lie in each other, and the most that may have names: the time that libyaml takes grows by
  /// the squares of both.
  private static let (deepest, mostAnchors) = (32, 1000)

  /// Reads a text.
  ///
  /// - Throws: what the text violates, or that it holds several documents.
  init(_ text: String) throws(YAMLError) {
    let octets = ContiguousArray(text.utf8)
    try unsafe Self.parse(octets, Self.check)
    unsafe document = .allocate(capacity: 1)
    unsafe document.initialize(to: unsafe yaml_document_t())
    try unsafe Self.parse(octets) { parser throws(YAMLError) in
      guard unsafe yaml_parser_load(parser, document) == 1 else {
        throw unsafe YAMLError(parser.pointee)
      }
    }
  }

  /// Has a parser read a text.
  private static func parse(
    _ octets: ContiguousArray<UInt8>, _ body: (UnsafeMutablePointer<yaml_parser_t>) throws(YAMLError) -> Void
  ) throws(YAMLError) {
    // It holds its own address: it must not move in memory.
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    unsafe parser.initialize(to: unsafe yaml_parser_t())
    defer { unsafe parser.deallocate() }
    guard unsafe yaml_parser_initialize(parser) == 1 else { throw YAMLError(description: "out of memory") }
    defer { unsafe yaml_parser_delete(parser) }
    // It reads the text where it lies.
    try unsafe octets.withUnsafeBufferPointer { octets throws(YAMLError) in
      unsafe yaml_parser_set_input_string(parser, octets.baseAddress, octets.count)
      try unsafe body(parser)
    }
  }

  /// Looks through a text for what `yaml_parser_load` does not tell.
  private static func check(_ parser: UnsafeMutablePointer<yaml_parser_t>) throws(YAMLError) {
    var depth = 0, documents = 0, anchors = 0
    while true {
      var event = unsafe yaml_event_t()
      guard unsafe yaml_parser_parse(parser, &event) == 1 else {
        throw unsafe YAMLError(parser.pointee)
      }
      defer { unsafe yaml_event_delete(&event) }
      let line = unsafe event.start_mark.line + 1
      switch unsafe event.type {
      case YAML_SCALAR_EVENT: anchors += unsafe event.data.scalar.anchor == nil ? 0 : 1
      case YAML_SEQUENCE_START_EVENT:
        depth += 1
        anchors += unsafe event.data.sequence_start.anchor == nil ? 0 : 1
      case YAML_MAPPING_START_EVENT:
        depth += 1
        anchors += unsafe event.data.mapping_start.anchor == nil ? 0 : 1
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: depth -= 1
      case YAML_DOCUMENT_START_EVENT: documents += 1
      case YAML_STREAM_END_EVENT: return
      default: break
      }
      guard depth <= deepest else { throw YAMLError(description: "nested too deeply in line \(line)") }
      guard anchors <= mostAnchors else {
        throw YAMLError(description: "more than \(mostAnchors) anchors in line \(line)")
      }
      guard documents <= 1 else {
        throw YAMLError(description: "a second document begins in line \(line)")
      }
    }
  }

  deinit {
    unsafe yaml_document_delete(document)
    unsafe document.deallocate()
  }

  /// Its outermost node; `nil` for a text without any.
  var root: Node? {
    unsafe yaml_document_get_root_node(document).map { unsafe Node(document: self, node: $0) }
  }

  /// One node: a scalar, a sequence or a mapping.
  @safe struct Node {
    /// Holds the node's memory.
    private let document: YAMLDocument
    private let node: UnsafeMutablePointer<yaml_node_t>

    fileprivate init(document: YAMLDocument, node: UnsafeMutablePointer<yaml_node_t>) {
      self.document = document
      unsafe self.node = node
    }

    /// What a scalar says, whatever its type; `nil` for another node.
    var string: String? {
      guard unsafe node.pointee.type == YAML_SCALAR_NODE else { return nil }
      let scalar = unsafe node.pointee.data.scalar
      return unsafe String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    }

    /// What a sequence holds; `nil` for another node.
    var sequence: [Node]? {
      guard unsafe node.pointee.type == YAML_SEQUENCE_NODE else { return nil }
      let items = unsafe node.pointee.data.sequence.items
      return unsafe UnsafeBufferPointer(start: items.start, count: items.top - items.start).compactMap(at)
    }

    /// What a mapping holds, in the order of the text; `nil` for another node.
    var mapping: [(key: Node, value: Node)]? {
      guard unsafe node.pointee.type == YAML_MAPPING_NODE else { return nil }
      let pairs = unsafe node.pointee.data.mapping.pairs
      return unsafe UnsafeBufferPointer(start: pairs.start, count: pairs.top - pairs.start).compactMap {
        pair in
        guard let key = at(pair.key), let value = at(pair.value) else { return nil }
        return (key, value)
      }
    }

    private func at(_ number: CInt) -> Node? {
      unsafe yaml_document_get_node(document.document, number).map {
        unsafe Node(document: document, node: $0)
      }
    }
  }
}

extension YAMLError {
  /// What a parser stopped at.
  fileprivate init(_ parser: yaml_parser_t) {
    let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
    let line = unsafe parser.problem_mark.line + 1
    let context = unsafe parser.context.map {
      unsafe "\(String(cString: $0)) that begins in line \(parser.context_mark.line + 1), "
    }
    description = "\(context ?? "")\(problem) in line \(line)"
  }
}
