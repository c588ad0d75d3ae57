import CLinux
import Glibc
public import NetworkAddresses
import SystemPackage

/// A rule of the routing policy database (`RTM_NEWRULE`).
public struct PolicyRule: Hashable, Sendable {
  /// The lower is asked first.
  public var priority: UInt32
  /// AF_INET or AF_INET6.
  public var isIPv4: Bool
  /// The sources that it is for; `nil`: all.
  public var source: IPPrefix?
  /// The destinations that it is for; `nil`: all.
  public var destination: IPPrefix?
  /// FR_ACT_*: 1 look up a table, 6 blackhole, 7 unreachable, 8 prohibit.
  public var action: UInt8
  /// The table that is looked up.
  public var table: UInt32
  /// The mark that a packet must have; `nil`: any.
  public var mark: UInt32?
  /// The interface where a packet must have come in.
  public var inputInterface: String?
  /// The interface by which a packet must be about to leave.
  public var outputInterface: String?
  /// FIB_RULE_INVERT: for packets that do not match.
  public var isInverted: Bool

  /// The action as `ip rule` writes it.
  public var actionName: String {
    let names = ["unspec", "lookup", "goto", "nop", "res3", "res4", "blackhole", "unreachable", "prohibit"]
    return Int(action) < names.count ? names[Int(action)] : String(action)
  }

  /// The attributes of `struct fib_rule_hdr` (include/uapi/linux/fib_rules.h).
  private enum Attribute {
    static let destination = 1
    static let source = 2
    static let inputInterface = 3
    static let priority = 6
    static let mark = 10
    static let table = 15
    static let outputInterface = 17
  }

  /// Reads `struct fib_rule_hdr` and the attributes behind it; `nil` when it is cut off or no rule for IP.
  init?(_ message: Message) {
    let payload = message.payload
    guard let attributes = message.attributes(behind: 12),
      let family = payload.integer(at: 0, as: UInt8.self),
      [UInt8(AF_INET), UInt8(AF_INET6)].contains(family),
      let destinationLength = payload.integer(at: 1, as: UInt8.self),
      let sourceLength = payload.integer(at: 2, as: UInt8.self),
      let table = payload.integer(at: 4, as: UInt8.self), let action = payload.integer(at: 7, as: UInt8.self),
      let flags = payload.integer(at: 8, as: UInt32.self)
    else { return nil }
    let prefix = { (type: Int, length: UInt8) -> IPPrefix? in
      attributes[type].flatMap { IPAddress(octets: $0.slice) }.flatMap { IPPrefix($0, length: Int(length)) }
    }
    self.action = action
    isIPv4 = family == UInt8(AF_INET)
    destination = prefix(Attribute.destination, destinationLength)
    source = prefix(Attribute.source, sourceLength)
    priority = attributes.integer(Attribute.priority) ?? 0
    self.table = attributes.integer(Attribute.table) ?? UInt32(table)
    mark = attributes.integer(Attribute.mark)
    inputInterface = attributes[Attribute.inputInterface]?.text
    outputInterface = attributes[Attribute.outputInterface]?.text
    isInverted = flags & 0x02 != 0
  }
}

extension NetlinkSocket {
  /// Every rule for IPv4 and IPv6, in the order in which they are asked; none where the kernel has no such rules.
  public func policyRules() throws(NetlinkError) -> [PolicyRule] {
    var rules: [PolicyRule] = []
    for family in [AF_INET, AF_INET6] {
      var request = MessageBuilder(type: RTM_GETRULE, flags: NLM_F_REQUEST | NLM_F_DUMP)
      request.append(UInt8(family))
      request.appendZeros(11)
      do {
        rules += try dump(request, "list the routing rules") {
          $0.type == RTM_NEWRULE ? PolicyRule($0) : nil
        }
      } catch  where error.errno == .notSupported || error.errno == .addressFamilyNotSupported {
        continue
      }
    }
    return rules
  }
}
