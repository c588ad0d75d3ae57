import Glibc
import LinuxNamespaces

/// Whether the running kernel knows 802.1Q. Nothing is loaded to find out.
enum VLANSupport {
  /// `nil` where that cannot be told: its modules are not where this process could look for them.
  static let isThere = read(release: release)

  /// - Parameter root: where /proc and /lib are.
  static func read(root: String = "", release: String) -> Bool? {
    // The module makes it for each namespace (vlan_proc_init in net/8021q/vlanproc.c).
    if access("\(root)/proc/net/vlan", F_OK) == 0 { return true }
    // A kernel without modules gets no more than it has.
    if access("\(root)/proc/modules", F_OK) != 0 {
      return access("\(root)/proc/version", F_OK) == 0 ? false : nil
    }
    for folder in ["lib", "usr/lib"] {
      guard let list = ProcFS.read("\(root)/\(folder)/modules/\(release)/modules.dep", limit: 1 << 22) else {
        continue
      }
      return list.contains("/8021q.ko")
    }
    return nil
  }

  private static var release: String {
    ProcFS.read("/proc/sys/kernel/osrelease")?.split(separator: "\n").first.map(String.init) ?? ""
  }
}
