import Foundation

/// The kernel's types as `bpftool btf dump` prints them.
struct KernelTypes {
  /// The first enumeration of each name.
  private(set) var enumerations: [String: [(name: String, value: UInt32)]] = [:]
  /// How many arguments each tracepoint has, without the first, which programs do not see.
  private(set) var tracepoints: [String: Int] = [:]

  private static let cache = Result { try KernelTypes() }

  static func read() throws -> KernelTypes { try cache.get() }

  private init() throws {
    let text = try output(of: ["bpftool", "btf", "dump", "file", "/sys/kernel/btf/vmlinux"])
    var current: String?
    var aliases: [(name: String, target: Substring)] = []
    var pointers: [Substring: Substring] = [:]
    var parameters: [Substring: Int] = [:]
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 1 else { continue }
      guard line.hasPrefix("[") else {
        // A member: `'SKB_CONSUMED' val=1`.
        guard let current, let number = words[1].firstIndex(of: "=").map({ words[1][$0...].dropFirst() })
        else {
          continue
        }
        let value = UInt32(number) ?? Int32(number).map { UInt32(bitPattern: $0) }
        let name = words[0].drop { $0 == "\t" || $0 == "'" }.dropLast()
        if let value { enumerations[current]?.append((String(name), value)) }
        continue
      }
      // A type: `[12205] ENUM 'skb_drop_reason' encoding=UNSIGNED size=4 vlen=130`.
      current = nil
      let name = String(words[2].dropFirst().dropLast())
      func field(_ key: String) -> Substring? {
        words.first { $0.hasPrefix(key + "=") }.map { $0.dropFirst(key.count + 1) }
      }
      switch words[1] {
      case "ENUM" where name != "(anon)" && enumerations[name] == nil:
        current = name
        enumerations[name] = []
      case "TYPEDEF" where name.hasPrefix("btf_trace_"):
        if let target = field("type_id") { aliases.append((String(name.dropFirst(10)), target)) }
      case "PTR": pointers["[" + words[0].dropFirst()] = field("type_id")
      case "FUNC_PROTO": parameters[words[0]] = field("vlen").flatMap { Int($0) }
      default: break
      }
    }
    for (name, pointer) in aliases {
      guard let target = pointers["[\(pointer)]"], let count = parameters["[\(target)]"] else { continue }
      tracepoints[name] = count - 1
    }
  }
}
