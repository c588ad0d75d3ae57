import Glibc
import NetworkAddresses
import TestSupport
import Testing

/// What the C library makes of a text: its octets, or `nil`.
private func systemParse(_ text: String) -> [UInt8]? {
  let family = text.contains(":") ? AF_INET6 : AF_INET
  var octets = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
  return inet_pton(family, text, &octets) == 1 ? octets : nil
}

/// What the C library writes for an IPv6 address.
private func systemText(_ octets: [UInt8]) -> String {
  var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
  var octets = octets
  guard inet_ntop(AF_INET6, &octets, &buffer, socklen_t(buffer.count)) != nil else { return "" }
  return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

@Suite("IP addresses") struct IPAddressTests {
  @Test(
    "the texts of RFC 5952 come out in their canonical form",
    arguments: [
      // Sections 1, 2 and 4: the left form must be read, the right one written.
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0db8::0001", "2001:db8::1"),
      ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:DB8::AAAA", "2001:db8::aaaa"),
      ("0:0:0:0:0:0:0:0", "::"),
      ("0:0:0:0:0:0:0:1", "::1"), ("fe80::", "fe80::"), ("::ffff:192.0.2.1", "::ffff:c000:201"),
    ])
  func canonicalText(input: String, expected: String) throws {
    let address = try #require(IPAddress(input))
    #expect(address.description == expected)
    #expect(systemParse(expected) == address.octets)
  }

  @Test("a text is read exactly when the C library reads it, and as the same octets")
  func agreesWithInetPton() {
    var generator = SplitMix(seed: 1)
    let alphabet = Array("0123456789abcdefF:.:.:/ %g")
    let valid = [
      "172.22.16.10", "::1", "2001:db8::1:0:0:1", "::ffff:192.0.2.1", "fe80::1", "1:2:3:4:5:6:7:8",
    ]
    var accepted = 0
    for _ in 0..<20_000 {
      var text = Array(valid.randomElement(using: &generator) ?? "")
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        let index = Int.random(in: 0..<text.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: text[index] = alphabet.randomElement(using: &generator) ?? "0"
        case 1: text.insert(alphabet.randomElement(using: &generator) ?? "0", at: index)
        default: if text.count > 1 { text.remove(at: index) }
        }
      }
      let expected = systemParse(String(text))
      accepted += expected == nil ? 0 : 1
      #expect(IPAddress(String(text))?.octets == expected, "\(String(text))")
    }
    #expect(accepted > 1000, "the texts must not all be refused")
  }

  @Test("any IPv6 address is written as the C library writes it")
  func agreesWithInetNtop() throws {
    var generator = SplitMix(seed: 2)
    for _ in 0..<5000 {
      // Groups are often zero, so that runs of every length and place occur; the first is not, because the C
      // library writes the last 32 bits of IPv4-embedded addresses in dotted decimal.
      var groups = (0..<8).map { _ in
        Bool.random(using: &generator) ? 0 : UInt16.random(in: 0...0xffff, using: &generator)
      }
      groups[0] |= 1
      let octets = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
      let address = try #require(IPAddress(octets: octets))
      #expect(address.description == systemText(octets))
      #expect(address.octets == octets)
    }
  }

  @Test("special ranges are told apart")
  func ranges() throws {
    #expect(try #require(IPAddress("224.0.0.251")).isMulticast)
    #expect(try #require(IPAddress("239.255.255.255")).isMulticast)
    #expect(try !#require(IPAddress("223.255.255.255")).isMulticast)
    #expect(try !#require(IPAddress("240.0.0.0")).isMulticast)
    #expect(try #require(IPAddress("ff02::1:ff00:1")).isMulticast)
    #expect(try #require(IPAddress("169.254.3.4")).isLinkLocal)
    #expect(try #require(IPAddress("febf::1")).isLinkLocal)
    #expect(try !#require(IPAddress("fec0::1")).isLinkLocal)
    #expect(try #require(IPAddress("127.8.9.1")).isLoopback)
    #expect(try #require(IPAddress("::1")).isLoopback)
    #expect(try #require(IPAddress("0.0.0.0")).isUnspecified)
    #expect(try #require(IPAddress("::")).isUnspecified)
  }

  @Test("octets of any other count are no address", arguments: [0, 1, 3, 5, 15, 17])
  func octetCount(count: Int) {
    #expect(IPAddress(octets: [UInt8](repeating: 1, count: count)) == nil)
  }

  @Test("addresses sort as numbers, not as texts")
  func order() {
    let sorted = ["172.22.16.9", "172.22.16.10", "::2", "::10"]
    #expect(sorted.reversed().compactMap { IPAddress($0) }.sorted().map(\.description) == sorted)
  }
}
