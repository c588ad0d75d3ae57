import BPF
import CLibBPF
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("What the kernel can do", .enabled(if: isRoot, "needs root")) struct FeatureTests {
  static func probe() throws -> BPFTool.JSON { try BPFTool.object("feature", "probe", "kernel") }

  @Test func featuresAreThoseThatBpftoolFinds() throws {
    let theirs = try Self.probe()
    let mapTypes = try #require(theirs["map_types"] as? [String: Bool])
    let programTypes = try #require(theirs["program_types"] as? [String: Bool])
    let system = try #require(theirs["system_config"] as? [String: Any])
    var ours = KernelFeatures.probe()
    #expect((ours.programError == nil) == programTypes["have_sched_cls_prog_type"])
    #expect(ours.ringBuffer == mapTypes["have_ringbuf_map_type"])
    #expect(ours.justInTimeCompiler == ((system["bpf_jit_enable"] as? Int ?? 0) > 0))
    // bpftool does not know TCX: the kernel's own types do.
    let types = try KernelTypes.read()
    #expect(ours.btf == !types.tracepoints.isEmpty)
    let attachTypes = try #require(types.enumerations["bpf_attach_type"])
    #expect(ours.tcx == attachTypes.contains { $0.name == "BPF_TCX_INGRESS" })
    ours.read(try KernelBTF())
    #expect(ours.dropArguments == types.tracepoints["kfree_skb"])
    #expect(ours.neighborTracepoints == (types.tracepoints["neigh_timer_handler"] != nil))

    let numbers = [
      "hash": BPF_MAP_TYPE_HASH, "array": BPF_MAP_TYPE_ARRAY, "percpu_hash": BPF_MAP_TYPE_PERCPU_HASH,
      "lru_hash": BPF_MAP_TYPE_LRU_HASH, "lpm_trie": BPF_MAP_TYPE_LPM_TRIE, "ringbuf": BPF_MAP_TYPE_RINGBUF,
      "bloom_filter": BPF_MAP_TYPE_BLOOM_FILTER, "xskmap": BPF_MAP_TYPE_XSKMAP,
    ]
    for (name, type) in numbers {
      #expect(
        try KernelFeatures.supports(mapType: type.rawValue) == mapTypes["have_\(name)_map_type"], "\(name)")
    }
    let programs = [
      "sched_cls": BPF_PROG_TYPE_SCHED_CLS, "xdp": BPF_PROG_TYPE_XDP, "kprobe": BPF_PROG_TYPE_KPROBE,
      "cgroup_skb": BPF_PROG_TYPE_CGROUP_SKB, "lirc_mode2": BPF_PROG_TYPE_LIRC_MODE2,
    ]
    for (name, type) in programs {
      #expect(
        try KernelFeatures.supports(programType: type.rawValue) == programTypes["have_\(name)_prog_type"],
        "\(name)")
    }
    let helpers = try #require(
      (theirs["helpers"] as? [String: Any])?["sched_cls_available_helpers"] as? [String])
    for (name, helper) in [
      "bpf_redirect_neigh": BPF_FUNC_redirect_neigh, "bpf_skb_load_bytes": BPF_FUNC_skb_load_bytes,
      "bpf_get_stackid": BPF_FUNC_get_stackid, "bpf_loop": BPF_FUNC_loop,
    ] {
      #expect(
        try KernelFeatures.supports(helper: helper.rawValue, programType: BPF_PROG_TYPE_SCHED_CLS.rawValue)
          == helpers.contains(name), "\(name)")
    }
  }

  @Test func whatLibbpfDoesNotKnowIsAnError() {
    let map = #expect(throws: BPFError.self) { try KernelFeatures.supports(mapType: 9999) }
    let program = #expect(throws: BPFError.self) { try KernelFeatures.supports(programType: 9999) }
    #expect(map?.errno == .notSupportedOnSocket && map?.message.contains("map type 9999") == true)
    #expect(program?.errno == .notSupportedOnSocket && program?.code == .feature)
  }

  /// The sysctl of the compiler stands in the first network namespace alone.
  @Test func theNamespaceMakesNoDifference() throws {
    let namespace = try TestNamespace()
    #expect(try namespace.run { KernelFeatures.probe() } == KernelFeatures.probe())
  }

  @Test(arguments: [
    "skb_drop_reason", "bpf_map_type", "bpf_attach_type", "net_device_flags", "no_such_enumeration",
  ])
  func enumerationsAreThoseThatBpftoolDumps(name: String) throws {
    let ours = try KernelBTF().enumerators(of: name)
    let theirs = try KernelTypes.read().enumerations[name] ?? []
    #expect(Set(ours.keys) == Set(theirs.map(\.value)))
    for (value, name) in ours { #expect(theirs.contains { $0.value == value && $0.name == name }) }
    let isMissing =
      name == "no_such_enumeration"
      || name == "skb_drop_reason" && !Feature.dropReason("NOT_SPECIFIED").isPresent
    #expect(theirs.isEmpty == isMissing)
  }

  @Test func tracepointsHaveTheArgumentsThatBpftoolDumps() throws {
    let btf = try KernelBTF()
    let types = try KernelTypes.read()
    for name in ["kfree_skb", "neigh_update_done", "bpf_test_finish", "sched_switch", "no_such_tracepoint"] {
      #expect(btf.tracepointArgumentCount(name) == types.tracepoints[name])
    }
    #expect(types.tracepoints["sched_switch"] != nil)
  }
}
