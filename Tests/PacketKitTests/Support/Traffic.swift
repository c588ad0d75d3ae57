import Foundation

/// Whether namespaces can be made here.
let isRoot = geteuid() == 0

/// What tcpdump recorded of real traffic between two namespaces that a test made.
enum Traffic {
  /// The file as `editcap` converted it to pcapng; recorded once for all tests.
  static let file = Result { try record() }

  /// The same on disk.
  static func onDisk() throws -> TemporaryFile { try TemporaryFile(file.get()) }

  /// TCP with data both ways, and UDP to a closed and an open port, over IPv4 and IPv6.
  private static let conversation = """
    import socket, sys
    def serve(listener):
        for _ in range(2):
            peer, _ = listener.accept()
            while data := peer.recv(65536): peer.sendall(data[::-1])
            peer.close()
    if sys.argv[1] == "serve":
        listener = socket.create_server(("::", 7007), family=socket.AF_INET6, dualstack_ipv6=True)
        print("ready", flush=True)
        serve(listener)
    else:
        for host in sys.argv[2:]:
            peer = socket.create_connection((host, 7007))
            for size in (1, 1000, 5001):
                peer.sendall(bytes(range(256)) * (size // 256) + bytes(size % 256))
                got = 0
                while got < size: got += len(peer.recv(65536))
            peer.close()
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            datagram = socket.socket(family, socket.SOCK_DGRAM)
            for size in (0, 1, 2, 999, 4000): datagram.sendto(b"x" * size, (host, 7009))
    """

  private static func record() throws -> [UInt8] {
    let names = (1...2).map { "mvt\(getpid())-p\($0)" }
    defer { for name in names { _ = try? output(of: ["ip", "netns", "delete", name]) } }
    for name in names { try output(of: ["ip", "netns", "add", name]) }
    try output(
      of: ["ip", "-n", names[0], "link", "add", "v0", "type", "veth", "peer", "v0", "netns", names[1]])
    let raw = try TemporaryFile(ending: "pcap")
    let tcpdump = Process()
    for (name, number) in zip(names, 1...2) {
      // Checksums and segments as they are on a wire.
      try inside(
        name, "ethtool", "-K", "v0", "tx", "off", "rx", "off", "gso", "off", "gro", "off", "tso", "off")
      try output(of: ["ip", "-n", name, "address", "add", "172.22.16.\(number)/24", "dev", "v0"])
      try output(of: ["ip", "-n", name, "address", "add", "fd00::\(number)/64", "dev", "v0", "nodad"])
    }
    // tcpdump wants its interface up; without the peer it has no carrier, so nothing is sent before it listens.
    try output(of: ["ip", "-n", names[0], "link", "set", "v0", "up"])
    try start(
      tcpdump, ["tcpdump", "-Z", "root", "--immediate-mode", "-U", "-n", "-i", "v0", "-w", raw.path],
      in: names[0])
    defer { stop(tcpdump) }
    for _ in 0..<100 where try raw.octets.count < 24 { usleep(50_000) }
    try output(of: ["ip", "-n", names[1], "link", "set", "v0", "up"])
    let server = Process()
    let ready = Pipe()
    server.standardOutput = ready
    try start(server, ["python3", "-c", conversation, "serve"], in: names[1])
    defer { stop(server) }
    _ = ready.fileHandleForReading.availableData
    for host in ["172.22.16.2", "fd00::2"] {
      try inside(names[0], "ping", "-n", "-c", "2", "-i", "0.2", host)
      try inside(names[0], "ping", "-n", "-c", "1", "-s", "4000", host)
    }
    try inside(names[0], "ping", "-n", "-c", "1", "-R", "172.22.16.2")
    try inside(names[0], "python3", "-c", conversation, "ask", "172.22.16.2", "fd00::2")
    usleep(300_000)
    stop(tcpdump)
    let converted = try TemporaryFile()
    try output(of: ["editcap", "-F", "pcapng", raw.path, converted.path])
    return try converted.octets
  }

  private static func inside(_ name: String, _ command: String...) throws {
    try output(of: ["ip", "netns", "exec", name] + command)
  }

  /// Children inherit the blocked signals of the thread that starts them, so SIGTERM may never arrive; tcpdump
  /// wrote each packet when it came (`-U`).
  private static func stop(_ process: Process) {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private static func start(_ process: Process, _ command: [String], in name: String) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["ip", "netns", "exec", name] + command
    process.standardError = FileHandle.nullDevice
    try process.run()
  }
}
