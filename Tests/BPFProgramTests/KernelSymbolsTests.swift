import LinuxNamespaces
import Testing

@testable import TraceCapture

/// Names of kernel functions by addresses.
@Suite struct KernelSymbolsTests {
  private let table = Array(
    """
    0000000000000000 A fixed_percpu_data
    ffffffff81000000 T _stext
    ffffffff81000100 t tcp_v4_rcv
    ffffffff81000100 d not_a_function
    ffffffff81000200 W weak
    ffffffffc0a00000 t br_handle_frame\t[bridge]
    garbage
    ffffffffc0a00f
    """.utf8)

  @Test(
    "An address lies in the function that begins last before it",
    arguments: [
      (UInt64(0xffff_ffff_8100_0000), "_stext"), (0xffff_ffff_8100_00ff, "_stext"),
      (0xffff_ffff_8100_0123, "tcp_v4_rcv"), (0xffff_ffff_c0a0_0042, "br_handle_frame"),
    ])
  func namesAFunction(_ address: UInt64, _ name: String) {
    #expect(KernelSymbols.find([address], in: table) == [address: name])
  }

  @Test func anAddressBeforeAllHasNoName() {
    #expect(KernelSymbols.find([0x1000], in: table).isEmpty)
    #expect(KernelSymbols.find([0xffff_ffff_8100_0000], in: []).isEmpty)
    #expect(KernelSymbols.find([0xffff_ffff_8100_0000], in: Array("ffffffff81000000 T".utf8)).isEmpty)
  }

  /// Where the kernel hides addresses (kptr_restrict), they are all 0.
  @Test func hiddenAddressesNameNothing() {
    #expect(
      KernelSymbols.find([0xffff_ffff_8100_0000], in: Array("0000000000000000 T _stext\n".utf8)).isEmpty)
  }

  /// The kernel's own list.
  @Test func agreesWithTheKernelsList() throws {
    let lines = try #require(ProcFS.read("/proc/kallsyms")).split(separator: "\n")
    let line = try #require(lines.last { $0.hasSuffix(" T kfree_skbmem") || $0.contains(" T consume_skb") })
    let fields = line.split(separator: " ")
    let start = try #require(UInt64(fields[0], radix: 16))
    var symbols = KernelSymbols()
    #expect(symbols.functions(at: [start + 1]) == [start + 1: String(fields[2])])
    #expect(symbols.functions(at: [start + 1]) == [start + 1: String(fields[2])])
  }
}
