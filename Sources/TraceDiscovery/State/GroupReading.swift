import LinuxNamespaces
import NetworkAddresses
import TraceModel

extension GroupMembership {
  /// The most memberships that are kept of one namespace.
  private static let limit = 1024

  /// The IPv4 groups that the calling thread's namespace, which has that inode, is a member of; `nil` where that could not
  /// be read.
  static func readCurrent(_ inode: UInt64) -> [GroupMembership]? {
    guard let text = ProcFS.read("/proc/thread-self/net/igmp", limit: 1 << 20) else { return nil }
    return parse(text, inode)
  }

  /// Reads what igmp_mc_seq_show in net/ipv4/igmp.c writes: a line for each interface, indented ones for its groups.
  static func parse(_ text: String, _ inode: UInt64) -> [GroupMembership] {
    var groups: [GroupMembership] = []
    var interface: InterfaceID?
    for line in text.split(separator: "\n").dropFirst() where groups.count < limit {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard let first = words.first else { continue }
      if line.first != "\t" {
        interface = UInt32(first).map { InterfaceID(namespace: inode, ifindex: $0) }
      } else if let interface, let value = UInt32(first, radix: 16) {
        // Its octets are in network order, printed as a number of this machine's.
        groups.append(GroupMembership(interface: interface, address: .v4(UInt32(bigEndian: value))))
      }
    }
    return groups
  }
}
