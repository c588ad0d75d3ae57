import LinuxNamespaces
import Netlink
import NetworkAddresses
import TraceModel

extension Listener {
  /// As much as is read of one file: listening sockets stand first in it (net/ipv4/tcp_ipv4.c, tcp_get_idx).
  private static let octets = 1 << 18

  /// The listening sockets of the calling thread's namespace; `nil` where they cannot be read.
  static func readCurrent() -> [Listener]? {
    guard let streams = tcp() ?? read("tcp", .tcp), let datagrams = read("udp", .udp) else { return nil }
    return Array(Set(streams + datagrams)).sorted { ($0.port, "\($0.address)") < ($1.port, "\($1.address)") }
  }

  /// Those of TCP; `nil` where the kernel tells them in /proc alone.
  private static func tcp() -> [Listener]? {
    (try? NetlinkSocket(.sockets).tcpListeners())?.map { Listener(.tcp, $0.address, $0.port) }
  }

  /// Reads /proc/net/tcp or udp, and its fellow of IPv6.
  private static func read(_ file: String, _ kind: ProbeProtocol) -> [Listener]? {
    guard let text = ProcFS.read("/proc/thread-self/net/\(file)", limit: octets) else { return nil }
    // Without IPv6 there is no such file.
    let text6 = ProcFS.read("/proc/thread-self/net/\(file)6", limit: octets) ?? ""
    return [text, text6].flatMap { text in
      text.split(separator: "\n").dropFirst().compactMap { Listener(line: $0, kind) }
    }
  }

  /// Reads a line of /proc/net/tcp and the like: `0: 0100007F:1F90 00000000:0000 0A ...`; `nil` for a socket that does
  /// not listen.
  init?(line: Substring, _ kind: ProbeProtocol) {
    let words = line.split(separator: " ")
    // 0A is TCP_LISTEN; a datagram socket that waits for everybody is 07, TCP_CLOSE.
    guard words.count > 3, words[3] == (kind == .tcp ? "0A" : "07") else { return nil }
    let parts = words[1].split(separator: ":")
    guard parts.count == 2, let port = UInt16(parts[1], radix: 16), let address = Self.address(parts[0])
    else {
      return nil
    }
    self.init(kind, address, port)
  }

  /// Words of 32 bits, each printed as a number in host byte order.
  private static func address(_ text: Substring) -> IPAddress? {
    var octets: [UInt8] = []
    var rest = text
    while !rest.isEmpty {
      guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      withUnsafeBytes(of: word) { octets += $0 }
      rest = rest.dropFirst(8)
    }
    return IPAddress(octets: octets[...])
  }
}

extension ConnectionTracking {
  /// Reads the calling thread's namespace; `nil` where the kernel tracks no connections.
  init?(readingCurrent _: Void) {
    guard let count = ProcFS.sysctl("netfilter/nf_conntrack_count").flatMap({ UInt64($0) }),
      let limit = ProcFS.sysctl("netfilter/nf_conntrack_max").flatMap({ UInt64($0) })
    else { return nil }
    self.init(count: count, limit: limit)
    // One line for each CPU, in hexadecimal, below the columns' names.
    let lines = (ProcFS.read("/proc/thread-self/net/stat/nf_conntrack") ?? "").split(separator: "\n").map {
      $0.split(separator: " ")
    }
    guard let names = lines.first else { return }
    for line in lines.dropFirst() {
      for (name, word) in zip(names, line) {
        let value = UInt64(word, radix: 16) ?? 0
        if name == "drop" { dropped &+= value }
        if name == "invalid" { invalid &+= value }
      }
    }
  }
}

extension BacklogCounters {
  /// Reads the machine's; `nil` where that is not possible.
  init?(readingCurrent _: Void) {
    guard let text = ProcFS.read("/proc/net/softnet_stat") else { return nil }
    self.init(dropped: 0, squeezed: 0)
    // Processed, dropped and squeezed come first, in hexadecimal (net/core/net-procfs.c, softnet_seq_show).
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").prefix(3).map { UInt64($0, radix: 16) ?? 0 }
      guard words.count == 3 else { continue }
      dropped &+= words[1]
      squeezed &+= words[2]
    }
  }
}
