import LinuxNamespaces
import Testing

@testable import Netlink

/// What nft wrote, as the library reads it.
@Suite struct FilterTests {
  /// A rule of `nft add rule inet t c tcp dport 80 counter packets 3 bytes 180 drop`, as the kernel gives it.
  @Test func ruleThatEndsInTheMiddleIsNoRule() {
    var message = MessageBuilder(type: 0x0a06, flags: 0)
    message.append(UInt32(1))
    message.attribute(1, "t")
    #expect(Message.parse(message.finished(sequence: 1)).first.flatMap { FilterRule($0) } == nil)
    message.attribute(2, "c")
    message.attribute(3, UInt64(7).bigEndian)
    let rule = Message.parse(message.finished(sequence: 1)).first.flatMap { FilterRule($0) }
    #expect(rule?.table == "t" && rule?.chain == "c" && rule?.handle == 7 && rule?.expressions == [])
  }

  @Test func expressionsAreRead() {
    var message = MessageBuilder(type: 0x0a06, flags: 0)
    message.append(UInt32(1))
    message.attribute(1, "t")
    message.attribute(2, "c")
    message.attribute(3, UInt64(7).bigEndian)
    message.nested(4) { list in
      list.nested(1) { element in
        element.attribute(1, "cmp")
        element.nested(2) { data in
          data.attribute(1, UInt32(1).bigEndian)
          data.attribute(2, UInt32(0).bigEndian)
          data.nested(3) { $0.attribute(1, [0, 80]) }
        }
      }
      list.nested(1) { element in
        element.attribute(1, "immediate")
        element.nested(2) { data in
          data.attribute(1, UInt32(0).bigEndian)
          data.nested(2) { $0.nested(2) { $0.attribute(1, UInt32(0).bigEndian) } }
        }
      }
      // One whose data is cut off keeps its name.
      list.nested(1) { $0.attribute(1, "cmp") }
    }
    let rule = Message.parse(message.finished(sequence: 1)).first.flatMap { FilterRule($0) }
    #expect(
      rule?.expressions == [
        .compare(register: 1, operation: 0, value: [0, 80]), .verdict(code: 0, chain: nil), .other("cmp"),
      ])
  }
}
