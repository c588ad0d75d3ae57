import LinuxNamespaces
import NetworkAddresses
import TraceModel

extension GroupMembership {
  /// As much as is read: some thousand entries.
  private static let octets = 1 << 18

  /// The filters of the calling thread's namespace, which has that inode; `nil` where they cannot be read.
  static func readCurrent(_ inode: UInt64) -> [GroupMembership]? {
    ProcFS.read("/proc/thread-self/net/dev_mcast", limit: octets).map {
      $0.split(separator: "\n").compactMap { GroupMembership(line: $0, inode) }
    }
  }

  /// Reads a line of /proc/net/dev_mcast (net/core/net-procfs.c, dev_mc_seq_show): number and name of the interface, users,
  /// global users, address: `2    eth0            1     0     01005e000001`; `nil` for an address that is no MAC address.
  init?(line: Substring, _ inode: UInt64) {
    let words = line.split(separator: " ")
    // A name may have any octets but blanks and slashes.
    guard words.count == 5, let ifindex = UInt32(words[0]), words[4].utf8.count == 12,
      let mac = UInt64(words[4], radix: 16)
    else { return nil }
    self.init(interface: InterfaceID(namespace: inode, ifindex: ifindex), mac: MACAddress(rawValue: mac))
  }
}
