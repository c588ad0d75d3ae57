import NetworkAddresses
import SystemPackage
public import TraceModel

/// Reads which ways between VLANs must be open, from YAML:
///
///     routed:
///       - 10 <-> 20      # both ways
///     blocked:
///       - 10 -> 30       # this way alone
///     others: blocked    # every pair that is not named; without it they do not matter
public enum PolicyFile {
  private static let largest = 1 << 20

  /// Reads a file.
  ///
  /// - Throws: `TraceFileError` for one that cannot be read, is no such document, or contradicts itself.
  public static func read(_ path: String) throws(TraceFileError) -> VLANPolicy {
    let octets: [UInt8]
    do {
      let file = try unsafe FileDescriptor.open(path, .readOnly, options: .closeOnExec)
      octets = try file.closeAfter {
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while octets.count <= largest {
          let count = try unsafe piece.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
          if count == 0 { break }
          octets += piece[..<count]
        }
        return octets
      }
    } catch {
      throw TraceFileError("read the policy \(path)", error, try: "name a file that can be read")
    }
    guard octets.count <= largest else {
      throw TraceFileError(.outOfBounds, "\(path) is no policy: it is larger than 1 MiB")
    }
    return try parse(String(decoding: octets, as: UTF8.self), name: path)
  }

  /// Reads a document.
  ///
  /// - Parameter name: what an error calls it.
  public static func parse(_ text: String, name: String) throws(TraceFileError) -> VLANPolicy {
    let document: YAMLDocument
    do {
      document = try YAMLDocument(text)
    } catch {
      throw TraceFileError(.foreign, "\(name) is no YAML: \(oneLine(error.description))")
    }
    guard let mapping = document.root?.mapping else {
      throw TraceFileError(
        .foreign, "\(name) is no policy: it needs `routed:` or `blocked:` with a list of pairs")
    }
    var policy = VLANPolicy()
    var keys: Set<String?> = []
    for (key, value) in mapping {
      guard keys.insert(key.string).inserted else {
        throw TraceFileError(.foreign, "\(name): \(oneLine(key.string ?? "a key")) stands there twice")
      }
      switch key.string {
      case "routed": policy.routed = try pairs(value, "routed", name)
      case "blocked": policy.blocked = try pairs(value, "blocked", name)
      case "others":
        guard let expectation = value.string.flatMap(VLANPolicy.Expectation.init) else {
          throw TraceFileError(.foreign, "\(name): others must be routed or blocked")
        }
        policy.others = expectation
      default:
        throw TraceFileError(
          .foreign, "\(name): unknown key \(oneLine(key.string ?? "?")); there are routed, blocked and others"
        )
      }
    }
    if let pair = policy.routed.intersection(policy.blocked).sorted().first {
      throw TraceFileError(
        .foreign, "\(name): \(pair.from) -> \(pair.to) must be routed and blocked at once")
    }
    return policy
  }

  private static func pairs(_ node: YAMLDocument.Node, _ key: String, _ name: String) throws(TraceFileError)
    -> Set<
      VLANPair
    >
  {
    guard let list = node.sequence else {
      throw TraceFileError(.foreign, "\(name): \(key) must be a list such as [10 -> 20, 20 <-> 30]")
    }
    var pairs: Set<VLANPair> = []
    for entry in list {
      let words = (entry.string ?? "").split(separator: " ", omittingEmptySubsequences: true)
      guard words.count == 3, ["->", "<->"].contains(words[1]), let from = vlan(words[0]),
        let to = vlan(words[2]), from != to
      else {
        throw TraceFileError(
          .foreign,
          "\(name): \(key): \(oneLine(entry.string ?? "an entry")) is no pair such as `10 -> 20` or `10 <-> 20`"
        )
      }
      pairs.insert(VLANPair(from, to))
      if words[1] == "<->" { pairs.insert(VLANPair(to, from)) }
    }
    return pairs
  }

  private static func vlan(_ text: Substring) -> VLANID? {
    UInt16(text).flatMap { (1...4094).contains($0) ? VLANID($0) : nil }
  }

  private static func oneLine(_ text: String) -> String {
    String(text.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(200))
  }
}
