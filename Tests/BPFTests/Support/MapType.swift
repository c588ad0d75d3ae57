import CLibBPF

/// Numbers of `enum bpf_map_type` in include/uapi/linux/bpf.h.
enum MapType {
  static let hash = BPF_MAP_TYPE_HASH.rawValue
  static let array = BPF_MAP_TYPE_ARRAY.rawValue
  static let perCPUHash = BPF_MAP_TYPE_PERCPU_HASH.rawValue
  static let perCPUArray = BPF_MAP_TYPE_PERCPU_ARRAY.rawValue
  static let longestPrefix = BPF_MAP_TYPE_LPM_TRIE.rawValue
  static let devicesByHash = BPF_MAP_TYPE_DEVMAP_HASH.rawValue
  static let ringBuffer = BPF_MAP_TYPE_RINGBUF.rawValue
}
