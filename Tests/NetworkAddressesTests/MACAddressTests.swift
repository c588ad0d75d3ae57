import Foundation
import NetworkAddresses
import Testing

@Suite("MAC addresses") struct MACAddressTests {
  @Test("text, octets and number say the same")
  func forms() throws {
    let address = try #require(MACAddress("02:42:AC:10:00:0a"))
    #expect(address.description == "02:42:ac:10:00:0a")
    #expect(address.octets == [0x02, 0x42, 0xac, 0x10, 0x00, 0x0a])
    #expect(address.rawValue == 0x0242_ac10_000a)
    #expect(MACAddress(octets: address.octets) == address)
    #expect(MACAddress((0x02, 0x42, 0xac, 0x10, 0x00, 0x0a)) == address)
    #expect(MACAddress("02-42-ac-10-00-0a") == address)
  }

  @Test(
    "what is no address is refused",
    arguments: [
      "", ":::::", "02:42:ac:10:00", "02:42:ac:10:00:0a:0b", "2:42:ac:10:00:0a", "02:42:ac:10:00:0g",
      "02:42:ac:10:00:+a", "0242ac10000a", "02:42:ac:10:00:0a ", "٠٢:42:ac:10:00:0a",
    ])
  func refusals(text: String) {
    #expect(MACAddress(text) == nil)
  }

  @Test("the group bit and the local bit are those of the first octet (IEEE 802-2014, 8.2)")
  func bits() throws {
    #expect(try #require(MACAddress("33:33:00:00:00:01")).isMulticast)
    #expect(try #require(MACAddress("01:00:5e:00:00:fb")).isMulticast)
    #expect(try !#require(MACAddress("02:01:01:01:01:01")).isMulticast)
    #expect(MACAddress.broadcast.isMulticast)
    #expect(MACAddress.broadcast.isBroadcast)
    #expect(try #require(MACAddress("02:42:ac:10:00:0a")).isLocallyAdministered)
    #expect(try !#require(MACAddress("00:0c:29:12:34:56")).isLocallyAdministered)
  }

  @Test("order is that of the octets on the wire")
  func order() throws {
    #expect(try #require(MACAddress("02:00:00:00:00:ff")) < #require(MACAddress("02:00:00:00:01:00")))
    #expect(try #require(MACAddress("02:ff:ff:ff:ff:ff")) < #require(MACAddress("03:00:00:00:00:00")))
  }

  @Test("bits above the 48 are nobody's")
  func excessBits() {
    #expect(MACAddress(rawValue: 0xffff_0242_ac10_000a) == MACAddress(rawValue: 0x0242_ac10_000a))
  }

  @Test("VLAN IDs end at 4095, and come out of a tag without its priority")
  func vlanIDs() {
    #expect(VLANID(4095)?.rawValue == 4095)
    #expect(VLANID(4096) == nil)
    // Priority 5, DEI set, VLAN 10.
    #expect(VLANID(tagControlInformation: 0b1011_0000_0000_1010) == VLANID(10))
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([VLANID].self, from: Data("[4096]".utf8)) }
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([VLANID].self, from: Data("[-1]".utf8)) }
  }

  @Test func groupsHaveTheirMACAddresses() {
    #expect(IPAddress("239.129.2.3")?.groupMAC == MACAddress("01:00:5e:01:02:03"))
    #expect(IPAddress("ff02::1:ff00:10")?.groupMAC == MACAddress("33:33:ff:00:00:10"))
    #expect(IPAddress("10.0.0.1")?.groupMAC == nil)
  }
}
