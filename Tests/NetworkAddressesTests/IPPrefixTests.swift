import Foundation
import NetworkAddresses
import Testing

@Suite("IP prefixes") struct IPPrefixTests {
  @Test(
    "the network is the address without its host bits",
    arguments: [
      ("172.22.16.10/24", "172.22.16.0"), ("172.22.16.10/32", "172.22.16.10"), ("172.22.16.10/0", "0.0.0.0"),
      ("172.22.16.200/25", "172.22.16.128"), ("255.255.255.255/1", "128.0.0.0"),
      ("2001:db8::ff:1/64", "2001:db8::"), ("2001:db8:0:0:ff00::1/65", "2001:db8:0:0:8000::"),
      ("2001:db8::1/128", "2001:db8::1"), ("ffff::/1", "8000::"), ("ffff::1/0", "::"),
    ])
  func network(text: String, expected: String) throws {
    let prefix = try #require(IPPrefix(text))
    #expect(prefix.network == IPAddress(expected))
    #expect(prefix.description == text || IPPrefix(prefix.description) == prefix)
  }

  @Test("a prefix contains its network's addresses and nobody else's")
  func containment() throws {
    let prefix = try #require(IPPrefix("172.22.16.130/25"))
    #expect(prefix.contains(try #require(IPAddress("172.22.16.128"))))
    #expect(prefix.contains(try #require(IPAddress("172.22.16.255"))))
    #expect(!prefix.contains(try #require(IPAddress("172.22.16.127"))))
    let everything = try #require(IPPrefix("::/0"))
    #expect(everything.contains(try #require(IPAddress("2001:db8::1"))))
    #expect(!everything.contains(try #require(IPAddress("172.22.16.1"))), "the families are apart")
  }

  @Test("an address without a length is a host")
  func hostPrefix() throws {
    #expect(try #require(IPPrefix("10.0.0.1")).length == 32)
    #expect(try #require(IPPrefix("::1")).length == 128)
  }

  @Test(
    "what is no prefix is refused",
    arguments: [
      "", "/", "/24", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/+8", "10.0.0.1/ 8", "::/129",
      "10.0.0/8",
      "10.0.0.1/24/25", "10.0.0.1/٨", "10.0.0.1/99999999999999999999",
    ])
  func refusals(text: String) {
    #expect(IPPrefix(text) == nil)
  }

  @Test("JSON holds the text, and refuses another")
  func json() throws {
    let prefix = try #require(IPPrefix("172.22.16.2/24"))
    let encoded = try JSONEncoder().encode([prefix])
    #expect(try JSONSerialization.jsonObject(with: encoded) as? [String] == ["172.22.16.2/24"])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([IPPrefix].self, from: Data(#"["172.22.16.2/64"]"#.utf8))
    }
  }
}
