import Foundation
import LinuxNamespaces
import NetworkAddresses
import Testing

@testable import Netlink

@Suite("TCP sockets that listen, beside what ss reads", .enabled(if: isRoot, "needs root"))
struct ListenerTests {
  /// Makes a TCP socket at an address; what is not closed ends with the test's process.
  private static func open(_ address: String, _ port: UInt16, listens: Bool = true) throws -> CInt {
    let isIPv4 = !address.contains(":")
    let descriptor = socket(isIPv4 ? AF_INET : AF_INET6, CInt(SOCK_STREAM.rawValue), 0)
    var status: CInt
    if isIPv4 {
      var place = sockaddr_in()
      place.sin_family = sa_family_t(AF_INET)
      place.sin_port = port.bigEndian
      inet_pton(AF_INET, address, &place.sin_addr)
      status = bind(descriptor, to: place)
    } else {
      var place = sockaddr_in6()
      place.sin6_family = sa_family_t(AF_INET6)
      place.sin6_port = port.bigEndian
      inet_pton(AF_INET6, address, &place.sin6_addr)
      status = bind(descriptor, to: place)
    }
    if status == 0, listens { status = listen(descriptor, 1) }
    guard status == 0 else { throw CommandFailure(command: "listen at \(address)", message: "\(errno)") }
    return descriptor
  }

  private static func bind(_ descriptor: CInt, to place: some Any) -> CInt {
    withUnsafeBytes(of: place) {
      Foundation.bind(
        descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
  }

  @Test("of both families, but none that is only bound")
  func listeners() throws {
    let test = try TestNamespace()
    _ = try test.veth()
    try test.run("ip", "link", "set", "lo", "up")
    let open = try test.namespace.run {
      try [
        Self.open("0.0.0.0", 80), Self.open("127.0.0.1", 8080), Self.open("::", 5000), Self.open("::1", 443),
        Self.open("127.0.0.1", 9, listens: false),
      ]
    }
    defer { for descriptor in open { close(descriptor) } }
    let socket = try test.namespace.run { try NetlinkSocket(.sockets) }
    let ours = try socket.tcpListeners()
    let lines = try output(of: ["ip", "netns", "exec", test.name, "ss", "-Hltn"])
    let theirs = String(decoding: lines, as: UTF8.self).split(separator: "\n").map { line -> String in
      // `*:5000` is a socket of IPv6 that takes IPv4, too.
      line.split(separator: " ")[3].replacing("*", with: "::").filter { !"[]".contains($0) }
    }
    #expect(Set(ours.map { "\($0.address):\($0.port)" }) == Set(theirs) && ours.count == 4)
  }

  @Test("an answer that is cut off is none")
  func cutOff() {
    var message = MessageBuilder(type: 20, flags: 0)
    // AF_INET6, listening, and port 80.
    for octet in [10, 10, 0, 0, 0, 80, 0, 0] as [UInt8] { message.append(octet) }
    message.appendZeros(12)
    let short = Message.parse(message.finished(sequence: 1)).first
    #expect(short != nil && short.flatMap { TCPListener($0) } == nil)
    message.appendZeros(4)
    let whole = Message.parse(message.finished(sequence: 1)).first.flatMap { TCPListener($0) }
    #expect(whole?.address == IPAddress("::") && whole?.port == 80)
  }
}
