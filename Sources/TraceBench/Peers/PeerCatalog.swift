import Glibc

extension Peer {
  /// What a hook costs, whoever is attached there.
  static let floor = Peer(
    name: "floor: an empty program at each hook", package: nil, program: "/bin/true", words: [],
    life: .program(object: "build/bpf/bench/hot_path.bpf.o", name: "nothing"), count: .none)

  /// macvtrace itself, counting alone and as it is by default.
  static func macvtrace(_ binary: String) -> [Peer] {
    [
      macvtrace(
        "macvtrace, counting alone", [binary, "attach", BenchNetwork.parent, "--json", "--no-sightings"]),
      macvtrace("macvtrace, everything", [binary, "attach", BenchNetwork.parent, "--json"]),
    ]
  }

  private static func macvtrace(_ name: String, _ words: [String]) -> Peer {
    Peer(
      name: name, package: nil, program: words[0], words: words, life: .process(ready: "hooks\n"),
      count: .output(PeerOutput.macvtrace))
  }

  /// The others, in the order of the table.
  static func others(files: String) -> [Peer] {
    let parent = BenchNetwork.parent
    return [
      Peer(
        name: "nftables, dynamic set by MAC", package: "nftables", program: "nft",
        words: ["nft", "-f", "\(files)/rules.nft"],
        file: ("\(files)/rules.nft", setOfAddresses),
        life: .rules(removal: ["nft", "delete", "table", "netdev", "bench"]),
        count: .command(["nft", "list", "set", "netdev", "bench", "macs"], PeerOutput.nftables)),
      Peer(
        name: "tcpdump -w /dev/null", package: "tcpdump", program: "tcpdump",
        words: ["tcpdump", "-i", parent, "-w", "/dev/null"],
        life: .process(ready: "listening on"), count: .output(PeerOutput.tcpdump), settling: 1200,
        captures: true),
      Peer(
        name: "tcpdump -e -n to a file", package: "tcpdump", program: "tcpdump",
        words: ["tcpdump", "-e", "-n", "-i", parent],
        life: .process(ready: "listening on"), count: .output(PeerOutput.tcpdump), settling: 1200,
        captures: true),
      Peer(
        name: "bpftrace, count by MAC", package: "bpftrace", program: "bpftrace",
        words: ["unshare", "--mount", "sh", "-c", traced("bpftrace \(files)/count.bt")],
        file: ("\(files)/count.bt", countByAddress), life: .process(ready: "ready"),
        count: .output(PeerOutput.bpftrace)),
      Peer(
        name: "tshark -q -z conv,eth", package: "tshark", program: "tshark",
        words: ["tshark", "-q", "-z", "conv,eth", "-i", parent], life: .process(ready: "Capture started"),
        count: .output(PeerOutput.tshark), settling: 1200, captures: true),
      Peer(
        name: "pmacctd, memory plugin", package: "pmacct", program: "pmacctd",
        words: ["pmacctd", "-f", "\(files)/pmacctd.conf"],
        file: ("\(files)/pmacctd.conf", memoryPlugin(files)), life: .process(ready: "link type is"),
        count: .command(["pmacct", "-s", "-p", "\(files)/pmacct.pipe"], PeerOutput.pmacct), settling: 1200,
        captures: true),
    ]
  }

  /// A counter for each source address.
  private static let setOfAddresses = """
    table netdev bench {
      set macs { type ether_addr; size 65535; flags dynamic; }
      chain incoming {
        type filter hook ingress device \(BenchNetwork.parent) priority 0;
        update @macs { ether saddr counter }
      }
    }

    """

  /// A shell's line that runs a command where tracefs is mounted, in a mount namespace of its own where it is not.
  private static func traced(_ command: String) -> String {
    "test -e /sys/kernel/tracing/events || mount -t tracefs tracefs /sys/kernel/tracing; exec \(command)"
  }

  /// At the interface's entry into the stack; probes are attached from the last to the first.
  private static let countByAddress = """
    interval:ms:20 /!@ready/ { @ready = 1; printf("ready\\n"); }
    tracepoint:net:netif_receive_skb /str(args->name) == "\(BenchNetwork.parent)"/ {
      $frame = (struct sk_buff *)args->skbaddr;
      @frames[*(uint64 *)($frame->head + $frame->mac_header + 6) & 0xffffffffffff] = count();
    }

    """

  private static func memoryPlugin(_ files: String) -> String {
    """
    daemonize: false
    pcap_interface: \(BenchNetwork.parent)
    aggregate: src_mac
    plugins: memory
    imt_path: \(files)/pmacct.pipe
    plugin_pipe_size: 67108864
    plugin_buffer_size: 65536

    """
  }
}
