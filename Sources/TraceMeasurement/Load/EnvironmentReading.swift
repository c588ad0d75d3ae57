import Glibc
import LinuxNamespaces
public import TraceModel

/// What is to be known of the machine on which is measured.
public enum EnvironmentReading {
  /// The machine as it is now.
  public static func now() -> MeasuredEnvironment {
    let text = ProcFS.read("/proc/cpuinfo", limit: 1 << 16) ?? ""
    let names = ["model name", "Model", "Processor", "cpu model", "uarch"]
    let processor = text.split(separator: "\n").lazy.compactMap { line -> String? in
      let halves = line.split(separator: ":", maxSplits: 1)
      guard halves.count == 2, let key = halves.first else { return nil }
      let name = key.reversed().drop { $0 == "\t" || $0 == " " }.reversed()
      return names.contains(String(name)) ? String(halves[1].drop { $0 == " " }) : nil
    }.first
    let load = ProcFS.read("/proc/loadavg", limit: 128)?.split(separator: " ").first.flatMap { Double($0) }
    return MeasuredEnvironment(
      processor: processor ?? "unknown", cpus: max(sysconf(CInt(_SC_NPROCESSORS_ONLN)), 1), load: load ?? 0)
  }

  /// The offloads of an interface of the calling thread's namespace that are on and change what is measured.
  public static func offloads(of interface: String) -> [String] {
    let telling = [
      "tx-tcp-segmentation": "TSO", "tx-generic-segmentation": "GSO", "rx-gro": "GRO",
      "tx-udp-segmentation": "USO", "rx-lro": "LRO", "tx-checksum-ip-generic": "TX checksum",
      "tx-checksum-ipv4": "TX checksum", "rx-checksum": "RX checksum", "rx-gro-hw": "hardware GRO",
      "l2-fwd-offload": "L2 forwarding",
    ]
    let active = Set((DeviceDriver.activeFeatures(of: interface) ?? []).compactMap { telling[$0] })
    return active.sorted()
  }
}
