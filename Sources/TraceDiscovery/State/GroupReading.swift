import LinuxNamespaces
import NetworkAddresses
import TraceModel

extension MulticastMembership {
  /// As much as is read: some thousand groups.
  private static let octets = 1 << 18

  /// Those of the calling thread's namespace, which has that inode; `nil` where they cannot be read.
  static func readCurrent(in namespace: UInt64) -> [MulticastMembership]? {
    ProcFS.read("/proc/thread-self/net/dev_mcast", limit: octets).map {
      $0.split(separator: "\n").compactMap { MulticastMembership(line: $0, in: namespace) }
    }
  }

  /// Reads a line: index, name, users, global users, address: `2    eth0            1     0     3333ff000010`; `nil` for
  /// an address that is none of Ethernet.
  init?(line: Substring, in namespace: UInt64) {
    let words = line.split(separator: " ")
    guard words.count == 5, let index = UInt32(words[0]), words[4].count == 12,
      let value = UInt64(words[4], radix: 16)
    else { return nil }
    self.init(InterfaceID(namespace: namespace, ifindex: index), MACAddress(rawValue: value))
  }
}
